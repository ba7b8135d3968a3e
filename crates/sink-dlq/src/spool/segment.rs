use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use events_disk::{FileId, Fs};

use super::header::{Identity, LENGTH};

/// The segment of an area that is being written.
#[derive(Debug)]
pub(crate) struct Segment {
    /// Its key in the index.
    pub(crate) key: u32,
    pub(crate) salt: u32,
    path: PathBuf,
    file: File,
    id: FileId,
    /// What is fsynced, and what the file holds between two groups.
    length: u64,
}

/// A file with something behind what was confirmed, which is to be cut off.
#[derive(Debug)]
pub(crate) struct Doubtful {
    path: PathBuf,
    id: FileId,
    length: u64,
}

/// How an append failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Some bytes may have reached the file.
    Write(io::Error),
    /// The disk did not confirm. The kernel then forgets which pages were never written, so a
    /// second sync of the same file would say yes to bytes that are lost.
    Sync(io::Error),
}

impl Segment {
    /// Makes a segment under another name, brings its header to the disk, then its name, so that
    /// no segment is ever without either.
    pub(crate) fn create(fs: &dyn Fs, dir: &Path, identity: Identity) -> io::Result<Self> {
        let path = dir.join(identity.file_name());
        let made = write_anew(fs, dir, &path, &identity.encode()).and_then(|file| {
            let id = fs.stat(&path)?.id;
            Ok((file, id))
        });
        match made {
            Ok((file, id)) => Ok(Self {
                key: 0,
                salt: identity.salt(),
                path,
                file,
                id,
                length: LENGTH as u64,
            }),
            Err(error) => {
                // Empty and never spoken of: it may as well stay when it cannot be removed.
                drop(fs.remove(&path));
                Err(error)
            }
        }
    }

    /// Writes whole frames at the end and waits until they are on the disk.
    pub(crate) fn append(&mut self, fs: &dyn Fs, frames: &[u8]) -> Result<(), Failure> {
        write_all(fs, &self.file, frames).map_err(Failure::Write)?;
        fs.sync_data(&self.file).map_err(Failure::Sync)?;
        self.length += frames.len() as u64;
        Ok(())
    }

    /// Whether the file at the path is the one being written, with nobody else's bytes in it.
    pub(crate) fn is_intact(&self, fs: &dyn Fs) -> io::Result<bool> {
        match fs.stat(&self.path) {
            Ok(stat) => Ok(stat.id == self.id && stat.length == self.length),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Gives the segment up, with whatever stands behind what was confirmed.
    pub(crate) fn into_doubtful(self) -> Doubtful {
        Doubtful {
            path: self.path,
            id: self.id,
            length: self.length,
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn length(&self) -> u64 {
        self.length
    }
}

impl Doubtful {
    /// Cuts off what is not confirmed and brings the cut to the disk, through a descriptor of its
    /// own. A file that is no longer in its place needs no cut.
    pub(crate) fn cut_back(&self, fs: &dyn Fs) -> io::Result<()> {
        let stat = match fs.stat(&self.path) {
            Ok(stat) if stat.id == self.id => stat,
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        let file = fs.open(&self.path)?;
        if stat.length > self.length {
            fs.set_len(&file, self.length)?;
        }
        fs.sync_all(&file)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

/// Puts a whole file in place of whatever is at `path`: under another name first, and on the disk
/// with its name when this returns.
pub(crate) fn write_anew(fs: &dyn Fs, dir: &Path, path: &Path, bytes: &[u8]) -> io::Result<File> {
    let new = path.with_extension(UNFINISHED);
    let file = match fs.create(&new) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            fs.remove(&new)?;
            fs.create(&new)?
        }
        created => created?,
    };
    let placed = write_all(fs, &file, bytes)
        .and_then(|()| fs.sync_all(&file))
        .and_then(|()| fs.rename(&new, path));
    if let Err(error) = placed {
        drop(fs.remove(&new));
        return Err(error);
    }
    fs.sync_dir(dir)?;
    Ok(file)
}

/// Writes all of `bytes` at the end.
pub(crate) fn write_all(fs: &dyn Fs, file: &File, bytes: &[u8]) -> io::Result<()> {
    let mut rest = bytes;
    while !rest.is_empty() {
        match fs.write(file, rest) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => rest = rest.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The extension of a file that is not yet what its name says.
pub(crate) const UNFINISHED: &str = "tmp";
