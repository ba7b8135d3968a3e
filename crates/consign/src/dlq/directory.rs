use std::fmt;
use std::path::{Path, PathBuf};

use events_http::{DeadLetters, DlqEntry, DlqPage, DlqQuery, DlqReport, DlqSelection, DlqTrouble};
use supervisor::exit::{Exit, Failure};
use supervisor::settings::Settings;
use supervisor::{SpoolView, Spooled};

use crate::human::safe;
use crate::output::Output;

/// The spool's directory itself.
pub(super) struct Directory {
    dir: PathBuf,
    spool: Box<dyn DeadLetters>,
}

/// Delivers records of a directory anew, through the chain that the settings ask for.
///
/// # Errors
/// Where a supervisor has the directory, or there is no such chain to be had.
pub(super) async fn redrive(dir: &Path, which: &DlqSelection) -> Result<DlqReport, Failure> {
    there(dir)?;
    let (settings, _) = Settings::from_env().map_err(|problems| {
        Failure::new(Exit::Config, "find the chain")
            .because(problems)
            .try_next("consign config validate")
    })?;
    supervisor::redrive(settings, dir, which).await
}

impl Directory {
    /// To look at, and nothing is changed: a supervisor may have it.
    pub(super) fn look(dir: &Path, output: &mut Output) -> Result<Self, Failure> {
        there(dir)?;
        let (spool, damaged) = SpoolView::open(dir)?;
        Ok(Self::of(dir, spool, &damaged, output))
    }

    /// Held alone, to be changed: no supervisor starts on it meanwhile.
    pub(super) fn hold(dir: &Path, output: &mut Output) -> Result<Self, Failure> {
        there(dir)?;
        let (spool, damaged) = Spooled::open(dir)?;
        Ok(Self::of(dir, spool, &damaged, output))
    }

    fn of(dir: &Path, spool: impl DeadLetters, damaged: &[String], output: &mut Output) -> Self {
        for damage in damaged {
            output.insist(&safe(&format!("damaged: {damage}")));
        }
        Self {
            dir: dir.to_owned(),
            spool: Box::new(spool),
        }
    }

    pub(super) async fn list(&self, query: &DlqQuery) -> Result<DlqPage, Failure> {
        let page = self.spool.list(query).await;
        page.map_err(|trouble| self.failed(trouble))
    }

    pub(super) async fn show(&self, id: u64) -> Result<Option<DlqEntry>, Failure> {
        let entry = self.spool.show(id).await;
        entry.map_err(|trouble| self.failed(trouble))
    }

    pub(super) async fn discard(&self, id: u64) -> Result<bool, Failure> {
        let dropped = self.spool.drop_record(id).await;
        dropped.map_err(|trouble| self.failed(trouble))
    }

    fn failed(&self, trouble: DlqTrouble) -> Failure {
        let what = format!("use the spool in {}", self.dir.display());
        Failure::new(Exit::Storage, what).because(trouble)
    }
}

impl fmt::Debug for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_struct("Directory");
        text.field("dir", &self.dir).finish_non_exhaustive()
    }
}

/// Opening would make what is missing.
fn there(dir: &Path) -> Result<(), Failure> {
    let why = if !dir.is_dir() {
        "there is no such directory"
    } else if !dir.join("STORE").is_file() && !dir.join("waiting").is_dir() {
        "there is no spool in it"
    } else {
        return Ok(());
    };
    let what = format!("open the spool in {}", dir.display());
    Err(Failure::new(Exit::Failed, what)
        .because(why)
        .try_next("--dir DIR with a spool, such as consign-data/spool"))
}
