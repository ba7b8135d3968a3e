use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use rustix::fs::OFlags;

/// The file-system calls the spool makes once it has its lock, so that tests can make any of them
/// fail. One call each, no retries.
pub(crate) trait Fs: Send {
    /// What stands at `path`; a symbolic link is not followed.
    fn stat(&self, path: &Path) -> io::Result<Stat>;

    /// The names in a directory, in no order. Names that are not UTF-8 are none of ours.
    fn names(&self, dir: &Path) -> io::Result<Vec<String>>;

    /// Makes a directory for its owner alone, and the missing ones above it.
    fn create_dir(&self, dir: &Path) -> io::Result<()>;

    /// Makes a file that was not there, for its owner alone, open for appending.
    fn create(&self, path: &Path) -> io::Result<File>;

    /// Opens a file that is there, for appending.
    fn open(&self, path: &Path) -> io::Result<File>;

    /// Opens a file that is there, for reading.
    fn open_to_read(&self, path: &Path) -> io::Result<File>;

    /// Reads some bytes from `offset` on; none at the end.
    fn read(&self, file: &File, into: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Appends some of `bytes` and returns how many.
    fn write(&self, file: &File, bytes: &[u8]) -> io::Result<usize>;

    /// Brings the file's bytes, and the length needed to read them, to the disk.
    fn sync_data(&self, file: &File) -> io::Result<()>;

    /// Brings everything about the file to the disk.
    fn sync_all(&self, file: &File) -> io::Result<()>;

    /// Brings a directory's names to the disk.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;

    /// Cuts a file to `length` bytes.
    fn set_len(&self, file: &File, length: u64) -> io::Result<()>;

    /// Gives a file another name in its directory, in place of what has that name.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Bytes that this process may still write on the file system `dir` is on.
    fn free_space(&self, dir: &Path) -> io::Result<u64>;
}

/// Tells a file from any other on the machine.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct FileId {
    device: u64,
    inode: u64,
}

/// What the spool wants to know of a path.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stat {
    pub(crate) id: FileId,
    pub(crate) kind: FileKind,
    pub(crate) length: u64,
    pub(crate) owner: u32,
    pub(crate) mode: u32,
    pub(crate) links: u64,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum FileKind {
    Directory,
    Regular,
    SymbolicLink,
    Other,
}

/// The operating system's own.
#[derive(Debug)]
pub(crate) struct OsFs;

impl Fs for OsFs {
    fn stat(&self, path: &Path) -> io::Result<Stat> {
        fs::symlink_metadata(path).map(|metadata| Stat::new(&metadata))
    }

    fn names(&self, dir: &Path) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(dir)? {
            if let Ok(name) = entry?.file_name().into_string() {
                names.push(name);
            }
        }
        Ok(names)
    }

    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(dir)
    }

    fn create(&self, path: &Path) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.append(true).create_new(true).mode(0o600);
        options.custom_flags(NO_FOLLOW).open(path)
    }

    fn open(&self, path: &Path) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.append(true).custom_flags(NO_FOLLOW).open(path)
    }

    fn open_to_read(&self, path: &Path) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).custom_flags(NO_FOLLOW).open(path)
    }

    fn read(&self, file: &File, into: &mut [u8], offset: u64) -> io::Result<usize> {
        file.read_at(into, offset)
    }

    fn write(&self, mut file: &File, bytes: &[u8]) -> io::Result<usize> {
        file.write(bytes)
    }

    fn sync_data(&self, file: &File) -> io::Result<()> {
        file.sync_data()
    }

    fn sync_all(&self, file: &File) -> io::Result<()> {
        file.sync_all()
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        File::open(dir)?.sync_all()
    }

    fn set_len(&self, file: &File, length: u64) -> io::Result<()> {
        file.set_len(length)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn free_space(&self, dir: &Path) -> io::Result<u64> {
        let space = rustix::fs::statvfs(dir)?;
        Ok(space.f_bavail.saturating_mul(space.f_frsize))
    }
}

impl Stat {
    pub(crate) fn new(metadata: &Metadata) -> Self {
        let file_type = metadata.file_type();
        Self {
            id: FileId {
                device: metadata.dev(),
                inode: metadata.ino(),
            },
            kind: if file_type.is_dir() {
                FileKind::Directory
            } else if file_type.is_file() {
                FileKind::Regular
            } else if file_type.is_symlink() {
                FileKind::SymbolicLink
            } else {
                FileKind::Other
            },
            length: metadata.len(),
            owner: metadata.uid(),
            mode: metadata.mode() & 0o7777,
            links: metadata.nlink(),
        }
    }
}

/// A symbolic link in a segment's place is somebody else's doing. The file is opened without
/// blocking on what is no file.
const NO_FOLLOW: i32 = OFlags::NOFOLLOW
    .union(OFlags::NONBLOCK)
    .bits()
    .cast_signed();
