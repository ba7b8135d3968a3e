use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use supervisor::NatsContext;
use supervisor::exit::{Exit, Failure};

use super::file::ContextFile;
use crate::broker::BrokerArguments;
use crate::human::safe;

/// Where natscli keeps its contexts.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// The flags say what a context holds, and not where it is kept.
    pub(super) fn find() -> Result<Self, Failure> {
        let settings = BrokerArguments::default().settings()?;
        let path = supervisor::nats_context_dir(&settings).ok_or_else(|| {
            Failure::new(Exit::Config, "find natscli's contexts")
                .because("neither HOME nor XDG_CONFIG_HOME says where they are")
                .try_next("CONSIGN_NATS_CONTEXT_DIR=DIR")
        })?;
        Ok(Self { path })
    }

    pub(super) fn names(&self) -> Result<Vec<String>, Failure> {
        NatsContext::names(&self.path).map_err(|error| unusable("list the contexts", error))
    }

    /// The one that is selected, if one is.
    pub(super) fn selected(&self) -> Result<Option<String>, Failure> {
        let selected = NatsContext::selected(&self.path);
        selected.map_err(|error| unusable("find the selected context", error))
    }

    pub(super) fn has(&self, name: &str) -> Result<bool, Failure> {
        Ok(self.file(name)?.is_file())
    }

    /// Fails where there is no such context.
    pub(super) fn demand(&self, name: &str) -> Result<(), Failure> {
        if self.has(name)? {
            return Ok(());
        }
        Err(
            Failure::new(Exit::Failed, format!("find the context {}", safe(name)))
                .because(format!("it is not in {}", self.path.display()))
                .try_next("consign context ls"),
        )
    }

    /// What the file of a context says.
    pub(super) fn read(&self, name: &str) -> Result<ContextFile, Failure> {
        self.demand(name)?;
        let path = self.file(name)?;
        let what = || format!("read {}", path.display());
        let text =
            fs::read(&path).map_err(|error| Failure::new(Exit::Failed, what()).because(error))?;
        // The error itself could quote a secret.
        serde_json::from_slice(&text).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            let why = format!("line {line}, column {column} is not as in a context");
            Failure::new(Exit::Failed, what()).because(why)
        })
    }

    /// Why a context could not be used, in words.
    pub(super) fn trouble(&self, name: &str) -> Option<String> {
        let home = std::env::home_dir();
        let loaded = NatsContext::load(&self.path, name, home.as_deref());
        loaded.err().map(|error| error.to_string())
    }

    pub(super) fn write(&self, name: &str, context: &ContextFile) -> Result<PathBuf, Failure> {
        let path = self.file(name)?;
        let text = serde_json::to_string_pretty(context)
            .map_err(|error| Failure::new(Exit::Failed, "write JSON").because(error))?;
        put(&path, &text).map_err(|error| unwritten(&path, error))?;
        Ok(path)
    }

    pub(super) fn select(&self, name: &str) -> Result<(), Failure> {
        self.demand(name)?;
        let path = self.path.join(SELECTED);
        put(&path, name).map_err(|error| unwritten(&path, error))
    }

    pub(super) fn deselect(&self) -> Result<(), Failure> {
        let path = self.path.join(SELECTED);
        put(&path, "").map_err(|error| unwritten(&path, error))
    }

    pub(super) fn remove(&self, name: &str) -> Result<(), Failure> {
        let path = self.file(name)?;
        fs::remove_file(&path).map_err(|error| {
            Failure::new(Exit::Failed, format!("delete {}", path.display())).because(error)
        })
    }

    /// The file of a context, whose name leads nowhere else.
    fn file(&self, name: &str) -> Result<PathBuf, Failure> {
        let is_name = !name.is_empty()
            && !name.starts_with(['.', '-'])
            && !name.contains(|character: char| {
                matches!(character, '/' | '\\')
                    || character.is_control()
                    || character.is_whitespace()
            });
        if !is_name {
            return Err(Failure::new(Exit::Usage, "name a context")
                .because("its name is that of a file, without spaces, slashes or a dot in front")
                .try_next("consign context ls"));
        }
        Ok(self.path.join("context").join(format!("{name}.json")))
    }
}

/// Writes a file for its owner's eyes, whole or not at all.
fn put(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let fresh = path.with_extension("new");
    let written = write_private(&fresh, text).and_then(|()| fs::rename(&fresh, path));
    if written.is_err() {
        let _left_over = fs::remove_file(&fresh);
    }
    written?;
    File::open(folder)?.sync_all()
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn unwritten(path: &Path, error: io::Error) -> Failure {
    Failure::new(Exit::Failed, format!("write {}", path.display()))
        .because(error)
        .try_next("CONSIGN_NATS_CONTEXT_DIR=DIR that can be written")
}

fn unusable(what: &str, error: impl std::error::Error + Send + Sync + 'static) -> Failure {
    Failure::new(Exit::Failed, what).because(error)
}

const SELECTED: &str = "context.txt";
