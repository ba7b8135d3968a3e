use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use sink_dlq::ReadError;
use sink_sign::{Audit, Line, Lines};
use supervisor::exit::{Exit, Failure};

/// Something to judge, as a path of the command line stands for it.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Source {
    /// Standard input.
    Input,
    /// A file of one event a line.
    File(PathBuf),
    /// A spool, which may be in use.
    Spool(PathBuf),
}

impl Source {
    /// What stands at `path`: standard input, a file, a journal's segments in order, a spool, or a
    /// data directory with all of them.
    pub(super) fn at(path: &str) -> Result<Vec<Self>, Failure> {
        if path == "-" {
            return Ok(vec![Self::Input]);
        }
        let dir = Path::new(path);
        if !dir.is_dir() {
            return Ok(vec![Self::File(dir.to_owned())]);
        }
        let mut sources = Vec::new();
        for spool in [dir.to_owned(), dir.join("spool"), dir.join("spool-store")] {
            if spool.join("STORE").is_file() || spool.join("waiting").is_dir() {
                sources.push(Self::Spool(spool));
            }
        }
        for journal in [dir.to_owned(), dir.join("journal")] {
            if journal.is_dir() {
                let segments = segments(&journal).map_err(|error| failed(path, error))?;
                sources.extend(segments.into_iter().map(Self::File));
            }
        }
        Ok(sources)
    }

    /// Has all of it judged; `told` hears of every line.
    pub(super) fn judge(&self, audit: &mut Audit, told: &mut dyn FnMut()) -> Result<(), Failure> {
        match self {
            Self::Input => {
                let judged = lines("-", io::stdin().lock(), audit, told);
                judged.map_err(|error| failed("-", error))
            }
            Self::File(path) => {
                let name = path.display().to_string();
                let judged = File::open(path)
                    .map(|file| BufReader::with_capacity(1 << 16, file))
                    .and_then(|reader| lines(&name, reader, audit, told));
                judged.map_err(|error| failed(&name, error))
            }
            Self::Spool(path) => spooled(path, audit, told),
        }
    }

    /// Whether it is judged after all that is stored, since it holds what is not stored yet.
    pub(super) fn comes_last(&self) -> bool {
        self.spool().is_some()
    }

    /// The spool's directory, if it is one.
    pub(super) fn spool(&self) -> Option<&Path> {
        match self {
            Self::Spool(dir) => Some(dir),
            Self::Input | Self::File(_) => None,
        }
    }
}

/// Has every line of a file judged.
fn lines(
    name: &str,
    reader: impl BufRead,
    audit: &mut Audit,
    told: &mut dyn FnMut(),
) -> io::Result<()> {
    let mut lines = Lines::new(reader);
    while let Some(line) = lines.next_line()? {
        audit.line(name, &line);
        told();
    }
    Ok(())
}

/// Has the records of a spool judged, and what is damaged named.
fn spooled(dir: &Path, audit: &mut Audit, told: &mut dyn FnMut()) -> Result<(), Failure> {
    let at = |area: &str, segment: &str| dir.join(area).join(segment).display().to_string();
    for record in sink_dlq::read(dir).map_err(|error| unread(dir, error))? {
        told();
        match record {
            Ok(record) => {
                let name = dir.join(record.area.as_str()).display().to_string();
                let line = Line::whole(record.id.number(), record.event.bytes());
                audit.spooled(&name, &line);
            }
            Err(ReadError::TornTail(_)) => audit.torn(),
            Err(ReadError::Damaged(damage)) => {
                audit.damaged(&at(damage.area.as_str(), &damage.segment), damage.offset);
            }
            // What is not this spool's, or cannot be read: nothing there is proved.
            Err(ReadError::Io { path, .. }) => audit.damaged(&path.display().to_string(), 0),
            Err(error) => return Err(unread(dir, error)),
        }
    }
    Ok(())
}

/// The segments of a journal: their names sort in the order they were written.
fn segments(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in dir.read_dir()? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "jsonl")
        {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn unread(dir: &Path, error: impl std::error::Error + Send + Sync + 'static) -> Failure {
    Failure::new(Exit::Failed, format!("read the spool {}", dir.display())).because(error)
}

fn failed(path: &str, error: io::Error) -> Failure {
    Failure::new(Exit::Failed, format!("read {path}"))
        .because(error)
        .try_next("name a data directory, a journal's or a spool's directory, a file of one event a line, or -")
}
