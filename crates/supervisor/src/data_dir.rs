use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use std::path::{Path, PathBuf};

use crate::exit::{Exit, Failure};

/// The directory that holds journal, spool and keys, held by this process alone until dropped.
#[derive(Debug)]
pub(crate) struct DataDir {
    path: PathBuf,
    _lock: File,
}

impl DataDir {
    /// Creates `path` and its directory of keys where they are missing (mode 0700) and takes the
    /// lock.
    ///
    /// # Errors
    /// [`Exit::Held`] names the process that holds it, [`Exit::Config`] means that the directory
    /// is not ours alone, [`Exit::Storage`] that it cannot be written.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        create(path).and_then(|()| check(path))?;
        let lock = lock(path)?;
        create(&path.join("keys"))?;
        Ok(Self {
            path: path.to_owned(),
            _lock: lock,
        })
    }

    /// The directory.
    #[must_use]
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

fn create(path: &Path) -> Result<(), Failure> {
    DirBuilder::new()
        .recursive(true)
        .mode(PRIVATE_DIR)
        .create(path)
        .map_err(|error| unusable("create", path, error))
}

/// A directory that others can write is not ours: they could swap the keys.
fn check(path: &Path) -> Result<(), Failure> {
    let metadata = path
        .metadata()
        .map_err(|error| unusable("read", path, error))?;
    let owner = rustix::process::geteuid().as_raw();
    if metadata.uid() != owner {
        let what = format!(
            "the data directory {} belongs to another user",
            path.display()
        );
        return Err(Failure::new(Exit::Config, what)
            .try_next("set CONSIGN_DATA_DIR to a directory of this user"));
    }
    if metadata.mode() & 0o077 != 0 {
        std::fs::set_permissions(path, Permissions::from_mode(PRIVATE_DIR))
            .map_err(|error| unusable("make private", path, error))?;
    }
    Ok(())
}

fn lock(path: &Path) -> Result<File, Failure> {
    let name = path.join("LOCK");
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&name)
        .map_err(|error| unusable("lock", path, error))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(held(path, &mut file)),
        Err(TryLockError::Error(error)) => return Err(unusable("lock", path, error)),
    }
    // The number helps whoever meets the lock; the lock itself is the descriptor's.
    file.set_len(0)
        .and_then(|()| writeln!(file, "{}", std::process::id()))
        .map_err(|error| unusable("write the lock of", path, error))?;
    Ok(file)
}

fn held(path: &Path, file: &mut File) -> Failure {
    let mut holder = String::new();
    let read = file.read_to_string(&mut holder);
    let holder = match (read, holder.trim().parse::<u32>()) {
        (Ok(_), Ok(pid)) => format!("process {pid}"),
        _ => "another process".to_owned(),
    };
    Failure::new(
        Exit::Held,
        format!("the data directory {} is held by {holder}", path.display()),
    )
    .try_next("stop that process, or set CONSIGN_DATA_DIR to another directory")
}

fn unusable(doing: &str, path: &Path, error: io::Error) -> Failure {
    let advice = match error.kind() {
        io::ErrorKind::PermissionDenied => "give this user the right to write there",
        io::ErrorKind::ReadOnlyFilesystem => "mount the file system read-write",
        io::ErrorKind::StorageFull => "make room on the file system",
        _ => "set CONSIGN_DATA_DIR to a directory that can be written",
    };
    Failure::new(
        Exit::Storage,
        format!("{doing} the data directory {}", path.display()),
    )
    .because(error)
    .try_next(advice)
}

const PRIVATE_DIR: u32 = 0o700;

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

    use super::DataDir;
    use crate::exit::Exit;

    #[test]
    fn it_is_made_private_and_held_once() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a/b");
        let first = DataDir::open(&path).unwrap();
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o700);
        let second = DataDir::open(&path).unwrap_err();
        assert_eq!(second.exit(), Exit::Held);
        let holder = format!("held by process {}", std::process::id());
        assert!(second.to_string().contains(&holder), "{second}");
        drop(first);
        DataDir::open(&path).unwrap();
    }

    #[test]
    fn a_directory_open_to_others_is_closed_to_them() {
        let root = tempfile::tempdir().unwrap();
        std::fs::set_permissions(root.path(), Permissions::from_mode(0o755)).unwrap();
        let _held = DataDir::open(root.path()).unwrap();
        assert_eq!(root.path().metadata().unwrap().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_file_in_its_place_is_a_storage_failure() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("file");
        std::fs::write(&path, "x").unwrap();
        assert_eq!(DataDir::open(&path).unwrap_err().exit(), Exit::Storage);
    }
}
