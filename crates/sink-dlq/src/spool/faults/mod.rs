//! A file system that fails on demand and forgets, at a power cut, what was not synced.

mod damage;
mod every_call;
mod interrupted;
mod one_call;
mod panic;

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::UNIX_EPOCH;

use events_core::{ErrorKind, Event, EventSinkExt as _, NoopSink};
use rustix::io::Errno;

use super::fs::{FileId, Fs, OsFs, Stat};
use super::load::Loaded;
use super::{Area, Cause, Config, Entry};

/// Which calls fail, and how: `width` calls from the call number `first` on.
#[derive(Clone, Copy, Debug)]
struct Plan {
    fault: Fault,
    first: usize,
    width: usize,
    /// The call from which on every call fails: the machine is gone.
    crash: Option<usize>,
}

#[derive(Clone, Copy, Debug)]
enum Fault {
    Error(Errno),
    /// A write puts down half of its bytes first; the calls after it fail.
    ShortThen(Errno),
    Panic,
}

/// How much of what was never synced a power cut leaves.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Survives {
    Nothing,
    Half,
    All,
    /// The length, with zeros for bytes.
    Length,
}

impl Survives {
    const EACH: [Self; 4] = [Self::Nothing, Self::Half, Self::All, Self::Length];
}

/// Real files, with calls that fail as planned. Clones share one world.
#[derive(Clone)]
struct Faulty(Arc<Mutex<World>>);

struct World {
    plan: Option<Plan>,
    calls: usize,
    files: HashMap<FileId, Durable>,
    /// The names in each directory as its last sync left them.
    names: HashMap<PathBuf, BTreeMap<String, FileId>>,
    /// Files that lost their name, which a power cut may give back.
    graveyard: tempfile::TempDir,
    graves: HashMap<FileId, PathBuf>,
    next: Option<(Call, Errno, usize)>,
}

/// What a power cut leaves of a file.
#[derive(Default)]
struct Durable {
    length: u64,
    /// A range that the disk failed to take, whatever it says later.
    lost: Option<(u64, u64)>,
    /// What was cut off since the last sync.
    cut: Option<(u64, Vec<u8>)>,
}

/// A call that a test makes fail by its name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Call {
    Write,
    SyncData,
    SetLen,
}

impl Faulty {
    fn new(plan: Option<Plan>) -> Self {
        Self(Arc::new(Mutex::new(World {
            plan,
            calls: 0,
            files: HashMap::new(),
            names: HashMap::new(),
            graveyard: tempfile::tempdir_in(fast_disk()).unwrap(),
            graves: HashMap::new(),
            next: None,
        })))
    }

    fn calls(&self) -> usize {
        self.world().calls
    }

    fn is_down(&self) -> bool {
        let world = self.world();
        let crash = world.plan.and_then(|plan| plan.crash);
        crash.is_some_and(|crash| world.calls > crash)
    }

    /// Makes the next `times` calls of a kind fail.
    fn fail_next(&self, call: Call, error: Errno, times: usize) {
        self.world().next = Some((call, error, times));
    }

    /// Leaves in `dir` what a machine would find there after its power was cut.
    fn cut_power(&self, dir: &Path, survives: Survives) {
        let world = self.world();
        let dirs = Area::EACH.map(|area| dir.join(area.as_str()));
        for dir in dirs.into_iter().chain([dir.to_owned()]) {
            if survives != Survives::All {
                world.restore_names(&dir);
            }
            for name in OsFs.names(&dir).unwrap_or_default() {
                let path = dir.join(name);
                let stat = OsFs.stat(&path).unwrap();
                if let Some(durable) = world.files.get(&stat.id) {
                    durable.restore(&path, stat.length, survives);
                }
            }
        }
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a call and returns what is planned for it, if anything.
    fn planned(&self) -> Option<Fault> {
        let mut world = self.world();
        let call = world.calls;
        world.calls += 1;
        let plan = world.plan?;
        if plan.crash.is_some_and(|crash| call >= crash) {
            return Some(Fault::Error(Errno::IO));
        }
        let end = plan.first.saturating_add(plan.width);
        match plan.fault {
            Fault::ShortThen(code) if (plan.first + 1..end).contains(&call) => {
                Some(Fault::Error(code))
            }
            Fault::Panic if (plan.first..end).contains(&call) => panic!("the test says so"),
            fault => (plan.first..end).contains(&call).then_some(fault),
        }
    }

    /// The error a test asked for by the call's name.
    fn named(&self, this: Call) -> io::Result<()> {
        let mut world = self.world();
        if let Some((call, error, times)) = &mut world.next
            && *call == this
            && *times > 0
        {
            *times -= 1;
            return Err((*error).into());
        }
        Ok(())
    }

    fn call<T>(&self, call: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        match self.planned() {
            Some(Fault::Error(error)) => Err(error.into()),
            Some(Fault::ShortThen(_) | Fault::Panic) | None => call(),
        }
    }

    /// Nothing is really synced: a power cut is played by `cut_power`, and tests are quick.
    fn sync(&self, file: &File, outcome: io::Result<()>) -> io::Result<()> {
        let stat = Stat::new(&file.metadata()?);
        let outcome = outcome.and_then(|()| self.call(|| Ok(())));
        // A call that was never made has lost nothing yet.
        let is_down = self.is_down();
        let mut world = self.world();
        let durable = world.files.entry(stat.id).or_default();
        if outcome.is_ok() {
            durable.length = stat.length;
            durable.cut = None;
        } else if !is_down {
            durable.lost = Some((durable.length, stat.length));
        }
        outcome
    }

    /// Keeps the file at `path` for a power cut to give back.
    fn bury(&self, path: &Path) {
        let mut world = self.world();
        if let Ok(stat) = OsFs.stat(path) {
            let grave = world.graveyard.path().join(world.graves.len().to_string());
            fs::hard_link(path, &grave).unwrap();
            world.graves.insert(stat.id, grave);
        }
    }
}

impl World {
    fn restore_names(&self, dir: &Path) {
        let none = BTreeMap::new();
        let durable = self.names.get(dir).unwrap_or(&none);
        for name in OsFs.names(dir).unwrap_or_default() {
            let stat = OsFs.stat(&dir.join(&name)).unwrap();
            let is_file = self.files.contains_key(&stat.id);
            if is_file && durable.get(&name) != Some(&stat.id) {
                fs::remove_file(dir.join(name)).unwrap();
            }
        }
        for (name, id) in durable {
            let path = dir.join(name);
            if let Some(grave) = self.graves.get(id)
                && !path.exists()
            {
                fs::hard_link(grave, path).unwrap();
            }
        }
    }
}

impl Durable {
    fn restore(&self, path: &Path, length: u64, survives: Survives) {
        let file = OpenOptions::new().write(true).open(path).unwrap();
        let unsynced = length.saturating_sub(self.length);
        let zeros = |from: u64, to: u64| {
            let zeros = vec![0; to.saturating_sub(from) as usize];
            file.write_all_at(&zeros, from).unwrap();
        };
        match survives {
            Survives::Nothing => file.set_len(self.length.min(length)).unwrap(),
            Survives::Half => file
                .set_len(self.length.min(length) + unsynced / 2)
                .unwrap(),
            Survives::Length => zeros(self.length, length),
            Survives::All => {
                if let Some((from, bytes)) = &self.cut {
                    file.write_all_at(bytes, *from).unwrap();
                }
            }
        }
        if let Some((from, to)) = self.lost {
            zeros(from, to.min(file.metadata().unwrap().len()));
        }
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
            let stat = Stat::new(&file.metadata()?);
            // The number may have been another file's.
            self.world().files.insert(stat.id, Durable::default());
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
                OsFs.read(file, &mut into[..half], offset)
            }
            Some(Fault::Panic) | None => OsFs.read(file, into, offset),
        }
    }

    fn write(&self, file: &File, bytes: &[u8]) -> io::Result<usize> {
        self.named(Call::Write)?;
        match self.planned() {
            Some(Fault::Error(error)) => Err(error.into()),
            Some(Fault::ShortThen(_)) => OsFs.write(file, &bytes[..bytes.len().div_ceil(2)]),
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
        let mut names = BTreeMap::new();
        for name in OsFs.names(dir)? {
            let id = OsFs.stat(&dir.join(&name))?.id;
            names.insert(name, id);
        }
        self.world().names.insert(dir.to_owned(), names);
        Ok(())
    }

    fn set_len(&self, file: &File, length: u64) -> io::Result<()> {
        self.named(Call::SetLen)?;
        self.call(|| {
            let stat = Stat::new(&file.metadata()?);
            let mut tail = vec![0; stat.length.saturating_sub(length) as usize];
            // The descriptor is for appending: read through another.
            let path = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(file));
            File::open(path)?.read_exact_at(&mut tail, length)?;
            let mut world = self.world();
            let durable = world.files.entry(stat.id).or_default();
            durable.cut = Some((length, tail));
            durable.lost = None;
            OsFs.set_len(file, length)
        })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.call(|| {
            self.bury(to);
            OsFs.rename(from, to)
        })
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.call(|| {
            self.bury(path);
            OsFs.remove(path)
        })
    }

    fn free_space(&self, dir: &Path) -> io::Result<u64> {
        self.call(|| OsFs.free_space(dir))
    }
}

fn entry(id: usize) -> Entry {
    let event = Event::builder(&format!("{id:04}"), "/test", "test.happened").build();
    let sealed = NoopSink.seal(vec![event.unwrap()]).pop().unwrap();
    Entry {
        event: sealed.unwrap(),
        subject: format!("test.{}", id % 3),
        cause: cause(),
    }
}

fn cause() -> Cause {
    Cause::new(ErrorKind::Unavailable, "no answer", UNIX_EPOCH)
}

fn event_id(loaded: &Loaded) -> usize {
    let event = events_core::WireEvent::from_bytes(loaded.event.clone()).unwrap();
    event.attributes().id().as_str().parse().unwrap()
}

fn small() -> Config {
    Config {
        segment_bytes: 600,
        reserve_bytes: 1,
        ..Config::default()
    }
}

/// Thousands of runs: in memory, where there is such a place.
fn fast_disk() -> PathBuf {
    let memory = PathBuf::from("/dev/shm");
    if memory.is_dir() {
        memory
    } else {
        std::env::temp_dir()
    }
}
