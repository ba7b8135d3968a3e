use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use super::Survives;
use crate::{FileId, FileKind, Fs as _, OsFs, Stat};

/// What is on the disk, as opposed to what the kernel shows.
#[derive(Debug, Default)]
pub(super) struct Storage {
    files: HashMap<FileId, Durable>,
    /// The names in each directory as its last sync left them.
    names: HashMap<PathBuf, BTreeMap<String, FileId>>,
    /// Files that lost their name, which a power cut may give back.
    graves: HashMap<FileId, File>,
}

/// What of a file is on the disk.
#[derive(Clone, Debug, Default)]
struct Durable {
    length: u64,
    /// A range that the disk failed to take, whatever it says later: the kernel will not write it
    /// any more.
    lost: Option<(u64, u64)>,
    /// What was cut off since the last sync.
    cut: Option<(u64, Vec<u8>)>,
}

impl Storage {
    /// A new file, whose number may have been another's.
    pub(super) fn note_made(&mut self, stat: &Stat) {
        self.files.insert(stat.id, Durable::default());
    }

    pub(super) fn note_synced(&mut self, stat: &Stat) {
        let durable = self.files.entry(stat.id).or_default();
        durable.length = stat.length;
        durable.cut = None;
    }

    /// The disk failed to take what was not synced.
    pub(super) fn note_lost(&mut self, stat: &Stat) {
        let durable = self.files.entry(stat.id).or_default();
        durable.lost = Some((durable.length, stat.length));
    }

    /// A file is cut to `length`, and loses `tail`.
    pub(super) fn note_cut(&mut self, stat: &Stat, length: u64, tail: Vec<u8>) {
        let durable = self.files.entry(stat.id).or_default();
        durable.cut = Some((length, tail));
        durable.lost = None;
    }

    pub(super) fn note_names(&mut self, dir: &Path) -> io::Result<()> {
        let mut names = BTreeMap::new();
        for name in OsFs.names(dir)? {
            let id = OsFs.stat(&dir.join(&name))?.id;
            names.insert(name, id);
        }
        self.names.insert(dir.to_owned(), names);
        Ok(())
    }

    /// Keeps the file at `path`, where there is one, for a power cut to give back.
    pub(super) fn bury(&mut self, path: &Path) -> io::Result<()> {
        match OsFs.stat(path) {
            Ok(stat) if stat.kind == FileKind::Regular => {
                self.graves.insert(stat.id, File::open(path)?);
            }
            Ok(_) | Err(_) => {}
        }
        Ok(())
    }

    pub(super) fn cut_power(&mut self, dir: &Path, survives: Survives) -> io::Result<()> {
        if survives != Survives::All {
            self.take_names(dir)?;
            self.give_names_back(dir)?;
        }
        for name in names(dir)? {
            let path = dir.join(name);
            let stat = OsFs.stat(&path)?;
            if stat.kind == FileKind::Directory {
                self.cut_power(&path, survives)?;
            } else if let Some(durable) = self.files.get(&stat.id) {
                durable.restore(&path, stat.length, survives)?;
            }
        }
        Ok(())
    }

    /// Removes the files whose names were not synced.
    fn take_names(&self, dir: &Path) -> io::Result<()> {
        let durable = self.names.get(dir);
        for name in names(dir)? {
            let id = OsFs.stat(&dir.join(&name))?.id;
            let is_durable = durable.and_then(|names| names.get(&name)) == Some(&id);
            if self.files.contains_key(&id) && !is_durable {
                fs::remove_file(dir.join(name))?;
            }
        }
        Ok(())
    }

    /// Brings back the files whose names were gone for no sync yet.
    fn give_names_back(&mut self, dir: &Path) -> io::Result<()> {
        for (name, id) in self.names.get(dir).into_iter().flatten() {
            let path = dir.join(name);
            let Some(mut grave) = self.graves.get(id).filter(|_| !path.exists()) else {
                continue;
            };
            let mut file = OsFs.create(&path)?;
            grave.rewind()?;
            io::copy(&mut grave, &mut file)?;
            // It is another file to the kernel, and the same one to the disk.
            let durable = self.files.get(id).cloned();
            let made = Stat::new(&file.metadata()?)?;
            self.files.extend(durable.map(|durable| (made.id, durable)));
        }
        Ok(())
    }
}

impl Durable {
    fn restore(&self, path: &Path, length: u64, survives: Survives) -> io::Result<()> {
        let file = OpenOptions::new().write(true).open(path)?;
        let kept = self.length.min(length);
        match survives {
            Survives::Nothing => file.set_len(kept)?,
            Survives::Half => file.set_len(kept + length.saturating_sub(self.length) / 2)?,
            Survives::Length => zero(&file, self.length, length)?,
            Survives::All => {
                if let Some((from, bytes)) = &self.cut {
                    file.write_all_at(bytes, *from)?;
                }
            }
        }
        match self.lost {
            Some((from, to)) => zero(&file, from, to.min(file.metadata()?.len())),
            None => Ok(()),
        }
    }
}

/// The names in a directory, of which there are none where it was never made.
fn names(dir: &Path) -> io::Result<Vec<String>> {
    match OsFs.names(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        names => names,
    }
}

fn zero(file: &File, from: u64, to: u64) -> io::Result<()> {
    let length = usize::try_from(to.saturating_sub(from)).map_err(io::Error::other)?;
    file.write_all_at(&vec![0; length], from)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use rustix::io::Errno;

    use crate::faults::{Call, Faulty, Survives, fast_disk};
    use crate::{Fs as _, OsFs};

    /// Whether a machine without power has the file, and what is in it.
    fn left(path: &Path) -> Option<Vec<u8>> {
        fs::read(path).ok()
    }

    #[test]
    fn a_power_cut_takes_what_no_sync_covered() {
        for (survives, bytes) in [
            (Survives::Nothing, &b"kept"[..]),
            (Survives::Half, b"keptlo"),
            (Survives::All, b"keptlost"),
            (Survives::Length, b"kept\0\0\0\0"),
        ] {
            let dir = tempfile::tempdir_in(fast_disk()).unwrap();
            let (named, unnamed) = (dir.path().join("named"), dir.path().join("unnamed"));
            let faulty = Faulty::new(None);
            let file = faulty.create(&named).unwrap();
            faulty.write(&file, b"kept").unwrap();
            faulty.sync_data(&file).unwrap();
            faulty.sync_dir(dir.path()).unwrap();
            faulty.write(&file, b"lost").unwrap();
            let other = faulty.create(&unnamed).unwrap();
            faulty.sync_all(&other).unwrap();
            faulty.cut_power(dir.path(), survives).unwrap();
            assert_eq!(left(&named).as_deref(), Some(bytes), "{survives:?}");
            let is_there = left(&unnamed).is_some();
            assert_eq!(is_there, survives == Survives::All, "{survives:?}");
        }
    }

    #[test]
    fn what_a_failed_sync_lost_stays_lost_whatever_a_later_one_says() {
        let dir = tempfile::tempdir_in(fast_disk()).unwrap();
        let path = dir.path().join("file");
        let faulty = Faulty::new(None);
        let file = faulty.create(&path).unwrap();
        faulty.sync_dir(dir.path()).unwrap();
        faulty.write(&file, b"lost").unwrap();
        faulty.fail_next(Call::SyncData, Errno::IO, 1);
        faulty.sync_data(&file).unwrap_err();
        faulty.write(&file, b"kept").unwrap();
        faulty.sync_data(&file).unwrap();
        faulty.cut_power(dir.path(), Survives::All).unwrap();
        assert_eq!(left(&path).unwrap(), b"\0\0\0\0kept");
    }

    #[test]
    fn what_was_removed_or_replaced_and_not_synced_comes_back() {
        let dir = tempfile::tempdir_in(fast_disk()).unwrap();
        let (gone, other) = (dir.path().join("gone"), dir.path().join("other"));
        let faulty = Faulty::new(None);
        for path in [&gone, &other] {
            let file = faulty.create(path).unwrap();
            faulty
                .write(&file, path.as_os_str().as_encoded_bytes())
                .unwrap();
            faulty.sync_all(&file).unwrap();
        }
        faulty.sync_dir(dir.path()).unwrap();
        let new = dir.path().join("new");
        faulty.create(&new).unwrap();
        faulty.rename(&new, &other).unwrap();
        faulty.remove(&gone).unwrap();
        assert_eq!(OsFs.names(dir.path()).unwrap(), ["other"]);
        faulty.cut_power(dir.path(), Survives::Nothing).unwrap();
        for path in [&gone, &other] {
            let bytes = path.as_os_str().as_encoded_bytes();
            assert_eq!(left(path).as_deref(), Some(bytes));
        }
        // A second cut finds the same.
        faulty.cut_power(dir.path(), Survives::Length).unwrap();
        assert!(left(&gone).is_some() && !left(&other).unwrap().is_empty());
    }
}
