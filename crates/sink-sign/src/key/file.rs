use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{KeyError, PublicKeys, Sign, SigningKey, Validity};

impl SigningKey {
    /// Loads a private key from a file.
    ///
    /// # Errors
    /// The file cannot be read or holds no key; others can read it, or anyone but the owner can
    /// write it; or a link of another owner leads to it.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let looked = |error| KeyError::File("look at", error);
        let link = fs::symlink_metadata(path).map_err(looked)?;
        let mut file = File::open(path).map_err(|error| KeyError::File("open", error))?;
        let found = file.metadata().map_err(looked)?;
        if link.is_symlink() && link.uid() != found.uid() {
            return Err(KeyError::ForeignLink);
        }
        let mode = found.mode() & 0o777;
        if mode & OTHERS_READ_OR_ANYONE_WRITES != 0 {
            return Err(KeyError::Exposed(mode));
        }
        let mut text = Zeroizing::new(String::with_capacity(LONGEST_KEY));
        let read = (&mut file)
            .take(LONGEST_KEY as u64)
            .read_to_string(&mut text);
        read.map_err(|error| KeyError::File("read", error))?;
        let key: Self = text.parse()?;
        Ok(key.read_from_file(mode & GROUP_READS != 0))
    }

    /// Loads `signing.pem` from a directory, or creates directory and key when there is none,
    /// and sees to it that `public.jwks.json` beside it holds the public half.
    ///
    /// The file appears whole or not at all, fsynced, readable by its owner alone. Of two that
    /// create at once, one wins and both load its key.
    ///
    /// # Errors
    /// As [`load`](Self::load), and what hinders creating; a file that is there is never replaced.
    pub fn create_once(directory: &Path) -> Result<Self, KeyError> {
        let path = directory.join("signing.pem");
        let is_missing = match fs::symlink_metadata(&path) {
            Ok(_) => false,
            Err(error) if error.kind() == ErrorKind::NotFound => true,
            Err(error) => return Err(KeyError::File("look at", error)),
        };
        if is_missing {
            let mut builder = DirBuilder::new();
            let made = builder.recursive(true).mode(0o700).create(directory);
            made.map_err(|error| KeyError::File("create the directory of", error))?;
            let key = Self::generate()?;
            let pending = Pending::write(&path, key.to_pem().as_bytes(), 0o600)?;
            match pending.publish_new() {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                published => published.map_err(|error| KeyError::File("create", error))?,
            }
        }
        let key = Self::load(&path)?;
        PublicKeys::publish(&directory.join("public.jwks.json"), &key)?;
        Ok(key)
    }
}

impl PublicKeys {
    /// Sees to it that the key set at `path` holds the public half of `key`. Keys that are there
    /// stay, so that what they signed before a rotation still verifies.
    ///
    /// # Errors
    /// The file cannot be read or replaced, is malformed, or has another key of that name.
    pub fn publish(path: &Path, key: &dyn Sign) -> Result<(), KeyError> {
        let mut keys = match fs::read_to_string(path) {
            Ok(text) => Self::parse(&text)?,
            Err(error) if error.kind() == ErrorKind::NotFound => Self::default(),
            Err(error) => return Err(KeyError::File("read", error)),
        };
        if keys
            .get(key.key_id().as_str())
            .is_some_and(|(present, _)| *present == key.public_key())
        {
            return Ok(());
        }
        keys.add(key.key_id().clone(), key.public_key(), Validity::default())?;
        let pending = Pending::write(path, keys.to_jwks().as_bytes(), 0o644)?;
        pending
            .publish()
            .map_err(|error| KeyError::File("replace", error))
    }
}

/// A file fsynced beside the name it is to have, removed again if it never gets it.
struct Pending {
    pending: PathBuf,
    path: PathBuf,
}

impl Pending {
    fn write(path: &Path, bytes: &[u8], mode: u32) -> Result<Self, KeyError> {
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(KeyError::Random)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let pending = format!(".{name}.{:016x}", u64::from_ne_bytes(random));
        let this = Self {
            pending: path.with_file_name(pending),
            path: path.to_owned(),
        };
        let written = || -> io::Result<()> {
            let mut options = OpenOptions::new();
            let mut file = options
                .write(true)
                .create_new(true)
                .mode(mode)
                .open(&this.pending)?;
            file.write_all(bytes)?;
            file.sync_all()
        };
        written().map_err(|error| KeyError::File("write", error))?;
        Ok(this)
    }

    /// Gives the file its name unless the name is taken: a link, unlike a rename, cannot replace.
    fn publish_new(self) -> io::Result<()> {
        fs::hard_link(&self.pending, &self.path)?;
        self.sync_directory()
    }

    fn publish(self) -> io::Result<()> {
        fs::rename(&self.pending, &self.path)?;
        self.sync_directory()
    }

    fn sync_directory(&self) -> io::Result<()> {
        let parent = self
            .path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty());
        File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        // Gone already after a rename; otherwise a leftover that harms nobody.
        drop(fs::remove_file(&self.pending));
    }
}

/// More than any private key in PEM takes.
const LONGEST_KEY: usize = 16 * 1024;

const OTHERS_READ_OR_ANYONE_WRITES: u32 = 0o026;
const GROUP_READS: u32 = 0o040;

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;

    use super::{PublicKeys, SigningKey};
    use crate::Sign as _;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_key_is_created_once_for_its_owner_alone() {
        let home = tempfile::tempdir().unwrap();
        let directory = home.path().join("data/keys");
        let created = SigningKey::create_once(&directory).unwrap();
        assert_eq!(mode(&directory), 0o700);
        assert_eq!(mode(&directory.join("signing.pem")), 0o600);
        let again = SigningKey::create_once(&directory).unwrap();
        assert_eq!(again.key_id(), created.key_id());
        assert!(!again.is_group_readable());
        let published = fs::read_to_string(directory.join("public.jwks.json")).unwrap();
        assert_eq!(
            PublicKeys::parse(&published).unwrap(),
            PublicKeys::of(&created)
        );
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 2);
    }

    #[test]
    fn of_two_that_create_at_once_one_wins() {
        let home = tempfile::tempdir().unwrap();
        let ids: Vec<_> = std::thread::scope(|scope| {
            let tasks: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| SigningKey::create_once(home.path()).unwrap()))
                .collect();
            let ids = tasks.into_iter().map(|task| task.join().unwrap());
            ids.map(|key| key.key_id().clone()).collect()
        });
        assert!(ids.iter().all(|id| *id == ids[0]));
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_key_that_is_there_is_never_replaced() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("signing.pem");
        fs::write(&path, "").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        assert!(SigningKey::create_once(home.path()).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"");
    }

    #[test]
    fn files_that_others_can_read_or_write_are_refused() {
        let home = tempfile::tempdir().unwrap();
        SigningKey::create_once(home.path()).unwrap();
        let path = home.path().join("signing.pem");
        for (bits, accepted) in [
            (0o400, true),
            (0o600, true),
            (0o440, true),
            (0o604, false),
            (0o602, false),
            (0o620, false),
            (0o644, false),
        ] {
            fs::set_permissions(&path, Permissions::from_mode(bits)).unwrap();
            let loaded = SigningKey::load(&path);
            assert_eq!(loaded.is_ok(), accepted, "{bits:o}");
            if let Ok(key) = loaded {
                assert_eq!(key.is_group_readable(), bits & 0o040 != 0);
            }
        }
    }

    #[test]
    fn rotation_keeps_the_old_public_keys() {
        let home = tempfile::tempdir().unwrap();
        let old = SigningKey::create_once(home.path()).unwrap();
        fs::remove_file(home.path().join("signing.pem")).unwrap();
        let new = SigningKey::create_once(home.path()).unwrap();
        let text = fs::read_to_string(home.path().join("public.jwks.json")).unwrap();
        let keys = PublicKeys::parse(&text).unwrap();
        assert_eq!(keys.ids().count(), 2);
        for key in [old, new] {
            let (public, _) = keys.get(key.key_id().as_str()).unwrap();
            assert_eq!(*public, key.public_key());
        }
    }
}
