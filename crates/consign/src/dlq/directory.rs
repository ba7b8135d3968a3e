use std::path::{Path, PathBuf};

use events_http::{
    DeadLetters as _, DlqEntry, DlqPage, DlqQuery, DlqReport, DlqSelection, DlqTrouble,
};
use supervisor::Spooled;
use supervisor::exit::{Exit, Failure};
use supervisor::settings::Settings;

use crate::human::safe;
use crate::output::Output;

/// The spool's directory itself. Held alone, so no supervisor starts on it meanwhile.
#[derive(Debug)]
pub(super) struct Directory {
    dir: PathBuf,
    spool: Spooled,
}

/// Delivers records of a directory anew, through the chain that the settings ask for.
///
/// # Errors
/// Where a supervisor has the directory, or there is no such chain to be had.
pub(super) async fn redrive(dir: &Path, which: &DlqSelection) -> Result<DlqReport, Failure> {
    there(dir)?;
    let (mut settings, _) = Settings::from_env().map_err(|problems| {
        Failure::new(Exit::Config, "find the chain")
            .because(problems)
            .try_next("consign config validate")
    })?;
    settings.dlq.dir = Some(dir.to_owned());
    supervisor::redrive(settings, which).await
}

impl Directory {
    pub(super) fn open(dir: &Path, output: &mut Output) -> Result<Self, Failure> {
        there(dir)?;
        let (spool, damaged) = Spooled::open(dir)?;
        for damage in damaged {
            output.note(&safe(&format!("damaged: {damage}")));
        }
        Ok(Self {
            dir: dir.to_owned(),
            spool,
        })
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
