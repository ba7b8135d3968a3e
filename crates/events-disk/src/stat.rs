use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::time::SystemTime;

/// What stands at a path, as far as a log on disk wants to know.
#[derive(Clone, Copy, Debug)]
pub struct Stat {
    /// Which file it is.
    pub id: FileId,
    /// What kind of file.
    pub kind: FileKind,
    /// Bytes in it.
    pub length: u64,
    /// The number of the user it belongs to.
    pub owner: u32,
    /// The permission bits, those for set-id and sticky included.
    pub mode: u32,
    /// How many names it has.
    pub links: u64,
    /// When it was made, or last written where the file system does not keep that.
    pub created: SystemTime,
    /// When it was last written.
    pub modified: SystemTime,
}

/// Tells a file from any other on the machine, for as long as it exists.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct FileId {
    device: u64,
    inode: u64,
}

/// What kind of file stands at a path.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FileKind {
    /// A directory.
    Directory,
    /// A regular file.
    Regular,
    /// A symbolic link, wherever it points.
    SymbolicLink,
    /// A pipe, a socket, a device.
    Other,
}

impl Stat {
    /// Reads what the operating system says.
    ///
    /// # Errors
    /// Where the file system keeps no time of the last writing.
    pub fn new(metadata: &Metadata) -> io::Result<Self> {
        let modified = metadata.modified()?;
        Ok(Self {
            id: FileId {
                device: metadata.dev(),
                inode: metadata.ino(),
            },
            kind: FileKind::of(metadata),
            length: metadata.len(),
            owner: metadata.uid(),
            mode: metadata.mode() & 0o7777,
            links: metadata.nlink(),
            created: metadata.created().unwrap_or(modified),
            modified,
        })
    }
}

impl FileKind {
    fn of(metadata: &Metadata) -> Self {
        let file_type = metadata.file_type();
        if file_type.is_dir() {
            Self::Directory
        } else if file_type.is_file() {
            Self::Regular
        } else if file_type.is_symlink() {
            Self::SymbolicLink
        } else {
            Self::Other
        }
    }
}
