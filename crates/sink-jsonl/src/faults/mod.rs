//! A file system that fails on demand and forgets, at a power cut, what was not synced.

mod every_call;
mod one_call;
mod queueing;

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use events_core::{Event, EventSinkExt as _, NoopSink, WireEvent};
use rustix::io::Errno;

use crate::fs::{FileId, Fs, OsFs, Stat};
use crate::segment;

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
    Error(i32),
    /// A write puts down half of its bytes first; the calls after it fail.
    ShortThen(i32),
}

/// How much of what was never synced a power cut leaves.
#[derive(Clone, Copy, Debug)]
enum Survives {
    Nothing,
    Half,
    All,
    /// The length, with zeroes for bytes.
    Length,
}

impl Survives {
    const EACH: [Self; 4] = [Self::Nothing, Self::Half, Self::All, Self::Length];
}

/// Real files, with calls that fail as planned. Clones share one world.
#[derive(Clone)]
struct Faulty(Arc<(Mutex<World>, Condvar)>);

struct World {
    plan: Option<Plan>,
    calls: usize,
    files: HashMap<FileId, Durable>,
    /// Files whose names were synced.
    synced_names: Vec<FileId>,
    disk: Disk,
    next: Option<(Call, Errno, usize)>,
}

/// A call that a test makes fail by its name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Call {
    Write,
    SyncData,
    SetLen,
}

/// Whether syncs come back.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Disk {
    Answers,
    Hangs,
    /// It hangs, and somebody waits for it.
    KeepsWaiting,
}

/// What of a file is on the disk.
#[derive(Default)]
struct Durable {
    length: u64,
    /// Bytes a failed sync has lost: the kernel will not write them any more.
    lost: Option<(u64, u64)>,
    /// What a cut removed, until it is synced.
    cut: Option<(u64, Vec<u8>)>,
}

impl Faulty {
    fn new(plan: Option<Plan>) -> Self {
        let world = World {
            plan,
            calls: 0,
            files: HashMap::new(),
            synced_names: Vec::new(),
            disk: Disk::Answers,
            next: None,
        };
        Self(Arc::new((Mutex::new(world), Condvar::new())))
    }

    fn calls(&self) -> usize {
        self.world().calls
    }

    /// Makes a call fail the next so many times.
    fn fail_next(&self, call: Call, error: Errno, times: usize) {
        self.world().next = Some((call, error, times));
    }

    /// The machine is there again: what was planned is over.
    fn start_again(&self) {
        self.world().plan = None;
    }

    fn is_down(&self) -> bool {
        let world = self.world();
        let crash = world.plan.and_then(|plan| plan.crash);
        crash.is_some_and(|crash| world.calls >= crash)
    }

    /// Lets syncs hang, or come back.
    fn set_disk(&self, disk: Disk) {
        self.world().disk = disk;
        self.0.1.notify_all();
    }

    /// Waits until a sync hangs.
    fn wait_until_it_hangs(&self) {
        let waits = |world: &mut World| world.disk != Disk::KeepsWaiting;
        drop(self.0.1.wait_while(self.world(), waits).unwrap());
    }

    /// Leaves in `dir` what a machine would find there after its power was cut.
    fn cut_power(&self, dir: &Path, survives: Survives) {
        let world = self.world();
        for listed in segment::list(&OsFs, dir).unwrap_or_default() {
            let path = dir.join(segment::file_name(listed.number));
            let id = listed.stat.id;
            let Some(durable) = world.files.get(&id) else {
                continue;
            };
            if !world.synced_names.contains(&id) && matches!(survives, Survives::Nothing) {
                std::fs::remove_file(&path).unwrap();
                continue;
            }
            let file = OpenOptions::new().write(true).open(&path).unwrap();
            let unsynced = listed.stat.length.saturating_sub(durable.length);
            let zeroes = |from: u64, to: u64| {
                let zeroes = vec![0; to.saturating_sub(from) as usize];
                file.write_all_at(&zeroes, from).unwrap();
            };
            match survives {
                Survives::Nothing => file.set_len(durable.length).unwrap(),
                Survives::Half => file.set_len(durable.length + unsynced / 2).unwrap(),
                Survives::Length => zeroes(durable.length, listed.stat.length),
                Survives::All => {
                    if let Some((from, bytes)) = &durable.cut {
                        file.write_all_at(bytes, *from).unwrap();
                    }
                }
            }
            if let Some((from, to)) = durable.lost {
                zeroes(from, to.min(file.metadata().unwrap().len()));
            }
        }
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a call and returns what is planned for it, if anything.
    fn planned(&self) -> Option<Fault> {
        let mut world = self.world();
        let call = world.calls;
        world.calls += 1;
        let plan = world.plan?;
        if plan.crash.is_some_and(|crash| call >= crash) {
            return Some(Fault::Error(EIO));
        }
        let end = plan.first.saturating_add(plan.width);
        match plan.fault {
            Fault::ShortThen(code) if (plan.first + 1..end).contains(&call) => {
                Some(Fault::Error(code))
            }
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
            Some(Fault::Error(code)) => Err(io::Error::from_raw_os_error(code)),
            Some(Fault::ShortThen(_)) | None => call(),
        }
    }

    /// Nothing is really synced: a power cut is played by `cut_power`, and tests are quick.
    fn sync(&self, file: &File, outcome: io::Result<()>) -> io::Result<()> {
        let stat = Stat::new(&file.metadata()?)?;
        let outcome = outcome.and_then(|()| self.call(|| Ok(())));
        // A call that was never made has lost nothing yet.
        let is_down = self.is_down();
        let mut world = self.world();
        while world.disk != Disk::Answers {
            world.disk = Disk::KeepsWaiting;
            self.0.1.notify_all();
            world = self.0.1.wait(world).unwrap();
        }
        let durable = world.files.entry(stat.id).or_default();
        if outcome.is_ok() {
            durable.length = stat.length;
            durable.cut = None;
        } else if !is_down {
            durable.lost = Some((durable.length, stat.length));
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
        self.call(|| OsFs.create(path))
    }

    fn open(&self, path: &Path) -> io::Result<File> {
        self.call(|| OsFs.open(path))
    }

    fn write(&self, file: &File, bytes: &[u8]) -> io::Result<usize> {
        self.named(Call::Write)?;
        match self.planned() {
            Some(Fault::Error(code)) => Err(io::Error::from_raw_os_error(code)),
            Some(Fault::ShortThen(_)) => OsFs.write(file, &bytes[..bytes.len().div_ceil(2)]),
            None => OsFs.write(file, bytes),
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
        let Ok(listed) = segment::list(&OsFs, dir) else {
            return Ok(());
        };
        self.world().synced_names = listed.iter().map(|segment| segment.stat.id).collect();
        Ok(())
    }

    fn set_len(&self, file: &File, length: u64) -> io::Result<()> {
        self.named(Call::SetLen)?;
        self.call(|| {
            let stat = Stat::new(&file.metadata()?)?;
            let mut tail = vec![0; stat.length.saturating_sub(length) as usize];
            file.read_exact_at(&mut tail, length)?;
            let mut world = self.world();
            let durable = world.files.entry(stat.id).or_default();
            durable.cut = Some((length, tail));
            durable.lost = None;
            OsFs.set_len(file, length)
        })
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.call(|| OsFs.remove(path))
    }

    fn free_space(&self, dir: &Path) -> io::Result<u64> {
        self.call(|| OsFs.free_space(dir))
    }
}

/// A sealed event with the id `id`.
fn event(id: usize) -> WireEvent {
    let event = Event::builder(&id.to_string(), "/test", "test.happened").build();
    let sealed = NoopSink.seal(vec![event.unwrap()]).pop().unwrap();
    sealed.unwrap()
}

/// The id of the event on a line.
fn id_on(line: Bytes) -> usize {
    let event = WireEvent::from_bytes(line).unwrap();
    event.attributes().id().as_str().parse().unwrap()
}

const EIO: i32 = Errno::IO.raw_os_error();
