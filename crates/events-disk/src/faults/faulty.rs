use std::io;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use rustix::io::Errno;

use super::power::Storage;
use super::{Call, Disk, Fault, Plan, Survives};

/// Real files, with calls that fail as planned. Clones share one world.
#[derive(Clone, Debug)]
pub struct Faulty(Arc<(Mutex<World>, Condvar)>);

#[derive(Debug)]
pub(super) struct World {
    plan: Option<Plan>,
    calls: usize,
    next: Option<(Call, Errno, usize)>,
    disk: Disk,
    pub(super) storage: Storage,
}

impl Faulty {
    /// A machine on which calls fail as planned, or none does.
    #[must_use]
    pub fn new(plan: Option<Plan>) -> Self {
        let world = World {
            plan,
            calls: 0,
            next: None,
            disk: Disk::Answers,
            storage: Storage::default(),
        };
        Self(Arc::new((Mutex::new(world), Condvar::new())))
    }

    /// Calls made so far, which is the number of the next.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.world().calls
    }

    /// Plans anew, in place of what was planned.
    pub fn plan(&self, plan: Plan) {
        self.world().plan = Some(plan);
    }

    /// The machine is there again: what was planned is over.
    pub fn start_again(&self) {
        self.world().plan = None;
    }

    /// Makes the next `times` calls of a kind fail.
    pub fn fail_next(&self, call: Call, error: Errno, times: usize) {
        self.world().next = Some((call, error, times));
    }

    /// Whether a call was refused because the machine is gone.
    #[must_use]
    pub fn is_down(&self) -> bool {
        self.world().is_down()
    }

    /// Lets syncs hang, or come back.
    pub fn set_disk(&self, disk: Disk) {
        self.world().disk = disk;
        self.0.1.notify_all();
    }

    /// Waits until a sync hangs.
    pub fn wait_until_it_hangs(&self) {
        let waits = |world: &mut World| world.disk != Disk::KeepsWaiting;
        let waited = self.0.1.wait_while(self.world(), waits);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    /// Leaves in `dir`, and in the directories below it, what a machine would find there after its
    /// power was cut.
    ///
    /// # Errors
    /// Where that cannot be arranged.
    pub fn cut_power(&self, dir: &Path, survives: Survives) -> io::Result<()> {
        self.world().storage.cut_power(dir, survives)
    }

    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for as long as the disk hangs.
    pub(super) fn world_once_it_answers(&self) -> MutexGuard<'_, World> {
        let mut world = self.world();
        while world.disk != Disk::Answers {
            world.disk = Disk::KeepsWaiting;
            self.0.1.notify_all();
            let answered = self.0.1.wait(world);
            world = answered.unwrap_or_else(PoisonError::into_inner);
        }
        world
    }

    /// Counts a call and returns what is planned for it, if anything.
    pub(super) fn planned(&self) -> Option<Fault> {
        let planned = self.world().count();
        assert!(!matches!(planned, Some(Fault::Panic)), "the test says so");
        planned
    }

    /// The error a test asked for by the call's name.
    pub(super) fn named(&self, this: Call) -> io::Result<()> {
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

    /// Makes a call, unless it is planned to fail.
    pub(super) fn call<T>(&self, call: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        match self.planned() {
            Some(Fault::Error(error)) => Err(error.into()),
            Some(Fault::ShortThen(_) | Fault::Panic) | None => call(),
        }
    }
}

impl World {
    pub(super) fn is_down(&self) -> bool {
        let crash = self.plan.and_then(|plan| plan.crash);
        crash.is_some_and(|crash| self.calls > crash)
    }

    fn count(&mut self) -> Option<Fault> {
        let call = self.calls;
        self.calls += 1;
        let plan = self.plan?;
        if plan.crash.is_some_and(|crash| call >= crash) {
            return Some(Fault::Error(Errno::IO));
        }
        let end = plan.first.saturating_add(plan.width);
        match plan.fault {
            Fault::ShortThen(code) if (plan.first + 1..end).contains(&call) => {
                Some(Fault::Error(code))
            }
            fault => (plan.first..end).contains(&call).then_some(fault),
        }
    }
}
