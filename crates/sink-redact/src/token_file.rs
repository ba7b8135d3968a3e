use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::TokenKey;

/// Why a token key cannot be read or made.
#[derive(Debug, Error)]
pub enum TokenKeyError {
    /// The file cannot be read, or not written.
    #[error("{doing} {}", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// The file or its directory.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// The file holds something other than 32 bytes in base64.
    #[error("find 32 bytes in base64 in {}", .0.display())]
    Malformed(PathBuf),
    /// Others than the owner can read the file, or write it.
    #[error("trust {}, which others can read or write", .0.display())]
    Exposed(PathBuf),
    /// The system gives no random bytes.
    #[error("draw a random key")]
    Random(#[source] getrandom::Error),
}

impl TokenKey {
    /// The key in the file at `path`: 32 bytes in base64. Without a file one is created, with
    /// mode 0600, file and directory fsynced before this returns.
    ///
    /// The caller holds a lock on the directory: of two processes that create a key at the same
    /// time, one would go on with a key that is not in the file.
    ///
    /// # Errors
    /// A file that cannot be read or created, that holds something else, or that others can read
    /// or write.
    pub fn load_or_create(path: &Path) -> Result<Self, TokenKeyError> {
        match File::open(path) {
            Ok(file) => load(file, path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => create(path),
            Err(error) => Err(failed("open", path)(error)),
        }
    }
}

fn load(mut file: File, path: &Path) -> Result<TokenKey, TokenKeyError> {
    if is_exposed(&file).map_err(failed("inspect", path))? {
        return Err(TokenKeyError::Exposed(path.to_owned()));
    }
    let mut text = Zeroizing::new(Vec::with_capacity(LONGEST));
    let mut limited = (&mut file).take(LONGEST as u64);
    limited
        .read_to_end(&mut text)
        .map_err(failed("read", path))?;
    let malformed = || TokenKeyError::Malformed(path.to_owned());
    let mut bytes = Zeroizing::new([0; 48]);
    let length = STANDARD
        .decode_slice(text.trim_ascii(), bytes.as_mut_slice())
        .map_err(|_| malformed())?;
    let key = bytes.get(..length).and_then(|key| key.try_into().ok());
    key.map(TokenKey::new).ok_or_else(malformed)
}

/// Writes a new key beside `path` and renames it, so that no half of one is ever found there.
fn create(path: &Path) -> Result<TokenKey, TokenKeyError> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut_slice()).map_err(TokenKeyError::Random)?;
    let mut text = Zeroizing::new(STANDARD.encode(bytes.as_slice()));
    text.push('\n');
    let beside = path.with_extension("new");
    let write = || -> io::Result<()> {
        let mut file = create_private(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    write().map_err(failed("write", path))?;
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    File::open(directory)
        .and_then(|directory| directory.sync_all())
        .map_err(failed("sync", directory))?;
    Ok(TokenKey::new(*bytes))
}

/// Creates a file that only its owner can read, in place of what a crash may have left there.
fn create_private(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(unix)]
fn is_exposed(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;

    // Readable by the group is allowed: that is how secrets are mounted in Kubernetes.
    Ok(file.metadata()?.permissions().mode() & 0o037 != 0)
}

#[cfg(not(unix))]
fn is_exposed(_file: &File) -> io::Result<bool> {
    Ok(false)
}

fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> TokenKeyError {
    let path = path.to_owned();
    move |source| TokenKeyError::Io {
        doing,
        path,
        source,
    }
}

/// Far more than a key takes, so that a wrong file is not read whole.
const LONGEST: usize = 1024;

#[cfg(test)]
mod tests {
    use std::fs;

    use super::TokenKeyError;
    use crate::TokenKey;

    #[test]
    fn a_key_is_created_once_and_read_back() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("token.key");
        let created = TokenKey::load_or_create(&path).unwrap();
        let loaded = TokenKey::load_or_create(&path).unwrap();
        assert_eq!(token(&created), token(&loaded));
        assert_ne!(token(&created), token(&TokenKey::new([0; 32])));
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_a_crash_left_is_no_obstacle() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("token.new"), "half").unwrap();
        let path = directory.path().join("token.key");
        let created = TokenKey::load_or_create(&path).unwrap();
        let loaded = TokenKey::load_or_create(&path).unwrap();
        assert_eq!(token(&created), token(&loaded));
    }

    #[test]
    fn what_is_no_key_is_refused_and_not_quoted() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("token.key");
        for text in ["", "CANARY", "Q0FOQVJZ", &"A".repeat(4096)] {
            fs::write(&path, text).unwrap();
            restrict(&path, 0o600);
            let error = TokenKey::load_or_create(&path).unwrap_err();
            assert!(matches!(error, TokenKeyError::Malformed(_)), "{text}");
            assert!(!format!("{error:?} {error}").contains("CANARY"));
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;

        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("token.key");
        TokenKey::load_or_create(&path).unwrap();
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        for (mode, trusted) in [
            (0o640, true),
            (0o604, false),
            (0o660, false),
            (0o602, false),
        ] {
            restrict(&path, mode);
            assert_eq!(TokenKey::load_or_create(&path).is_ok(), trusted, "{mode:o}");
        }
    }

    fn token(key: &TokenKey) -> String {
        key.token("key", b"hunter2", 0)
    }

    fn restrict(path: &std::path::Path, mode: u32) {
        #[cfg(unix)]
        fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    }
}
