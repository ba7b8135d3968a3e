use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use sink_sign::Audit;
use supervisor::exit::{Exit, Failure};

/// Something to judge, as a path of the command line stands for it.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Source {
    /// Standard input.
    Input,
    /// A file of one event a line.
    File(PathBuf),
}

impl Source {
    /// What stands at `path`: standard input, a file, a journal's segments in order, or a data
    /// directory with a journal.
    pub(super) fn at(path: &str) -> Result<Vec<Self>, Failure> {
        if path == "-" {
            return Ok(vec![Self::Input]);
        }
        let dir = Path::new(path);
        if !dir.is_dir() {
            return Ok(vec![Self::File(dir.to_owned())]);
        }
        let mut sources = Vec::new();
        for journal in [dir.to_owned(), dir.join("journal")] {
            if journal.is_dir() {
                let segments = segments(&journal).map_err(|error| failed(path, error))?;
                sources.extend(segments.into_iter().map(Self::File));
            }
        }
        Ok(sources)
    }

    /// Has all of it judged.
    pub(super) fn judge(&self, audit: &mut Audit) -> Result<(), Failure> {
        match self {
            Self::Input => {
                let judged = audit.file("-", io::stdin().lock());
                judged.map_err(|error| failed("-", error))
            }
            Self::File(path) => {
                let name = path.display().to_string();
                let judged = File::open(path)
                    .map(|file| BufReader::with_capacity(1 << 16, file))
                    .and_then(|reader| audit.file(&name, reader));
                judged.map_err(|error| failed(&name, error))
            }
        }
    }
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

fn failed(path: &str, error: io::Error) -> Failure {
    Failure::new(Exit::Failed, format!("read {path}"))
        .because(error)
        .try_next("name a data directory, a journal's directory, a file of one event a line, or -")
}
