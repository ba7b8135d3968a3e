use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use sink_sign::Audit;
use supervisor::exit::{Exit, Failure};

/// Has everything at `path` judged: standard input, a file, or a directory's segments in order.
pub(super) fn read(path: &str, audit: &mut Audit) -> Result<(), Failure> {
    let failed = |error: io::Error| {
        Failure::new(Exit::Failed, format!("read {path}"))
            .because(error)
            .try_next("name a journal's directory, a file of one event a line, or -")
    };
    if path == "-" {
        return audit.file("-", io::stdin().lock()).map_err(failed);
    }
    let path = Path::new(path);
    let files = if path.is_dir() {
        segments(path).map_err(failed)?
    } else {
        vec![path.to_owned()]
    };
    for file in files {
        let name = file.display().to_string();
        let opened = File::open(&file).map_err(failed)?;
        audit
            .file(&name, BufReader::with_capacity(1 << 16, opened))
            .map_err(failed)?;
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
