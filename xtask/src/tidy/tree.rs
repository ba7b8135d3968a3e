//! The files that tidy reads.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::tidy::code::blank;
use crate::tidy::records::{Record, is_record};

/// A Rust source file.
#[derive(Debug)]
pub(crate) struct SourceFile {
    /// Relative to the root.
    pub(crate) path: String,
    pub(crate) text: String,
    /// The text with comments and literals blanked out.
    pub(crate) code: String,
}

impl SourceFile {
    pub(crate) fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            path: path.into(),
            code: blank(&text),
            text,
        }
    }
}

/// Every source file of ours, build folders left out, in order of path.
pub(crate) fn sources(root: &Path) -> Result<Vec<SourceFile>> {
    let folders = FOLDERS.iter().map(|folder| root.join(folder));
    let mut folders: Vec<_> = folders.filter(|folder| folder.is_dir()).collect();
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for path in entries(&folder)? {
            if path.is_dir() && path.file_name() != Some(OsStr::new("target")) {
                folders.push(path);
            } else if path.extension() == Some(OsStr::new("rs")) {
                sources.push(SourceFile::new(relative(&path, root), read(&path)?));
            }
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(sources)
}

/// The decision records of a folder, in order of number.
pub(crate) fn records(folder: &Path) -> Result<Vec<Record>> {
    let mut records = Vec::new();
    for path in entries(folder)? {
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        if is_record(name) {
            records.push(Record {
                name: name.to_owned(),
                text: read(&path)?,
            });
        }
    }
    Ok(records)
}

/// The text of a file that need not be there.
pub(crate) fn optional(path: &Path) -> Result<Option<String>> {
    if path.exists() {
        read(path).map(Some)
    } else {
        Ok(None)
    }
}

/// A path below the root as it is written in documents.
pub(crate) fn relative(path: &Path, root: &Path) -> String {
    path.strip_prefix(root)
        .unwrap_or(path)
        .to_string_lossy()
        .replace('\\', "/")
}

/// What lies in a folder, in order of name.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("list {}", folder.display()))?;
    let mut paths = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("read {}", path.display()))
}

const FOLDERS: [&str; 4] = ["crates", "examples", "fuzz", "xtask"];

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::sources;

    #[test]
    fn the_sources_are_found_below_every_folder_and_in_order() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let paths: Vec<_> = sources(root)
            .unwrap()
            .into_iter()
            .map(|file| file.path)
            .collect();
        assert!(paths.is_sorted());
        for path in [
            "crates/events-core/src/lib.rs",
            "examples/src/lib.rs",
            "xtask/src/tidy/tree.rs",
        ] {
            assert!(paths.iter().any(|found| found == path), "{path}");
        }
    }
}
