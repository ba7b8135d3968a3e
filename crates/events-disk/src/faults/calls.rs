use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use super::{Call, Fault, Faulty};
use crate::{Fs, OsFs, Stat};

impl Faulty {
    /// Nothing is really synced: a power cut is played by `cut_power`, and tests are quick.
    fn sync(&self, file: &File, outcome: io::Result<()>) -> io::Result<()> {
        let stat = Stat::new(&file.metadata()?)?;
        let outcome = outcome.and_then(|()| self.call(|| Ok(())));
        // A call that was never made has lost nothing yet.
        let is_down = self.world().is_down();
        let storage = &mut self.world_once_it_answers().storage;
        if outcome.is_ok() {
            storage.note_synced(&stat);
        } else if !is_down {
            storage.note_lost(&stat);
        }
        outcome
    }
}

impl Fs for Faulty {
    fn stat(&self, path: &Path) -> io::Result<Stat> {
        self.call(|| OsFs.stat(path))
    }

    fn names(&self, dir: &Path) -> io::Result<Vec<String>> {
        self.call(|| OsFs.names(dir))
    }

    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        self.call(|| OsFs.create_dir(dir))
    }

    fn create(&self, path: &Path) -> io::Result<File> {
        self.call(|| {
            let file = OsFs.create(path)?;
            let stat = Stat::new(&file.metadata()?)?;
            self.world().storage.note_made(&stat);
            Ok(file)
        })
    }

    fn open(&self, path: &Path) -> io::Result<File> {
        self.call(|| OsFs.open(path))
    }

    fn open_to_read(&self, path: &Path) -> io::Result<File> {
        self.call(|| OsFs.open_to_read(path))
    }

    fn read(&self, file: &File, into: &mut [u8], offset: u64) -> io::Result<usize> {
        match self.planned() {
            Some(Fault::Error(error)) => Err(error.into()),
            Some(Fault::ShortThen(_)) => {
                let half = into.len().div_ceil(2);
                OsFs.read(file, into.split_at_mut(half).0, offset)
            }
            Some(Fault::Panic) | None => OsFs.read(file, into, offset),
        }
    }

    fn write(&self, file: &File, bytes: &[u8]) -> io::Result<usize> {
        self.named(Call::Write)?;
        match self.planned() {
            Some(Fault::Error(error)) => Err(error.into()),
            Some(Fault::ShortThen(_)) => {
                let half = bytes.len().div_ceil(2);
                OsFs.write(file, bytes.split_at(half).0)
            }
            Some(Fault::Panic) | None => OsFs.write(file, bytes),
        }
    }

    fn sync_data(&self, file: &File) -> io::Result<()> {
        self.sync(file, self.named(Call::SyncData))
    }

    fn sync_all(&self, file: &File) -> io::Result<()> {
        self.sync(file, Ok(()))
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.call(|| Ok(()))?;
        self.world().storage.note_names(dir)
    }

    fn set_len(&self, file: &File, length: u64) -> io::Result<()> {
        self.named(Call::SetLen)?;
        self.call(|| {
            let stat = Stat::new(&file.metadata()?)?;
            let cut = stat.length.saturating_sub(length);
            let mut tail = vec![0; usize::try_from(cut).map_err(io::Error::other)?];
            file.read_exact_at(&mut tail, length)?;
            self.world().storage.note_cut(&stat, length, tail);
            OsFs.set_len(file, length)
        })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.call(|| {
            self.world().storage.bury(to)?;
            OsFs.rename(from, to)
        })
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.call(|| {
            self.world().storage.bury(path)?;
            OsFs.remove(path)
        })
    }

    fn free_space(&self, dir: &Path) -> io::Result<u64> {
        self.call(|| OsFs.free_space(dir))
    }
}
