use std::fs::File;
use std::io;
use std::path::Path;

use crate::Stat;

/// The file-system calls that a log on disk makes once it has its lock, so that tests can make any
/// of them fail. One call each, no retries.
#[expect(
    clippy::missing_errors_doc,
    reason = "of each the same: the refusal of the operating system, as it came"
)]
pub trait Fs: Send {
    /// What stands at `path`; a symbolic link is not followed.
    fn stat(&self, path: &Path) -> io::Result<Stat>;

    /// The names in a directory, in no order. Names that are not UTF-8 are none of ours.
    fn names(&self, dir: &Path) -> io::Result<Vec<String>>;

    /// Makes a directory for its owner alone, and the missing ones above it.
    fn create_dir(&self, dir: &Path) -> io::Result<()>;

    /// Makes a file that was not there, for its owner alone, open for appending.
    fn create(&self, path: &Path) -> io::Result<File>;

    /// Opens a file that is there, for reading and appending.
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
