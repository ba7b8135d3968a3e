//! File systems that are full or read-only, mounted for the test. Needs the right to mount.

use std::error::Error as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use events_core::{ErrorKind, SinkError, WireEvent};
use sink_jsonl::{AppendError, Config, Journal, State};

use crate::{append, event_of, ids, open, words};

/// FD1: what was taken stays, what is refused says why, and room makes it work again.
#[tokio::test]
async fn a_full_disk_refuses_and_loses_nothing() {
    let Some(disk) = Mounted::tmpfs("size=256k") else {
        return;
    };
    let dir = disk.path.join("journal");
    let config = Config {
        segment_bytes: 100_000,
        ..to_the_last_byte()
    };
    let journal = open(&dir, config);
    let (taken, refusal) = fill(&journal).await;
    assert_eq!(refusal.kind(), ErrorKind::Unavailable);
    let cause = refusal.source().unwrap().to_string();
    assert!(cause.starts_with("sink full: "), "{cause}");
    assert!(cause.contains(&*dir.to_string_lossy()), "{cause}");
    assert!(!words(&refusal).contains("xxxx"), "{}", words(&refusal));
    let State::Failed { reason } = journal.status().state else {
        panic!("{:?}", journal.status());
    };
    assert!(reason.starts_with("sink full: "), "{reason}");
    for _ in 0..3 {
        assert!(send(&journal, taken).await.is_err());
    }
    // Nothing half is left, and nothing refused.
    let all: Vec<usize> = (0..taken).collect();
    assert_eq!(ids(&dir), all);

    let oldest = crate::names(&dir).remove(0);
    std::fs::remove_file(dir.join(oldest)).unwrap();
    let kept = ids(&dir);
    assert!(send(&journal, taken).await.is_ok());
    assert_eq!(journal.status().state, State::Ok);
    assert_eq!(ids(&dir), [kept, vec![taken]].concat());
}

#[tokio::test]
async fn the_reserve_is_left_to_others() {
    let Some(disk) = Mounted::tmpfs("size=256k") else {
        return;
    };
    let dir = disk.path.join("journal");
    let config = Config {
        reserve_bytes: 128 << 10,
        ..Config::default()
    };
    let journal = open(&dir, config.clone());
    let (taken, refusal) = fill(&journal).await;
    let cause = refusal.source().unwrap().downcast_ref::<AppendError>();
    assert!(
        matches!(cause, Some(AppendError::Full { .. })),
        "{refusal:?}"
    );
    let free = rustix::fs::statvfs(&disk.path).unwrap();
    assert!(free.f_bavail * free.f_frsize >= config.reserve_bytes);
    drop(journal);
    // Opening needs no room.
    open(&dir, config);
    assert_eq!(ids(&dir).len(), taken);
}

/// FD1: a batch fills the disk to the last event that fits, and the journal says so from then on.
#[tokio::test]
async fn a_batch_that_fills_the_disk_shows() {
    let Some(disk) = Mounted::tmpfs("size=512k") else {
        return;
    };
    let dir = disk.path.join("journal");
    let config = Config {
        reserve_bytes: 64 << 10,
        ..Config::default()
    };
    let journal = open(&dir, config);
    let batch: Vec<WireEvent> = (0..200).map(|id| event_of(id, 5000)).collect();
    let results = journal.append(&batch).await;
    let taken = results.iter().take_while(|result| result.is_ok()).count();
    assert!(taken > 20 && taken < 200, "{taken}");
    assert!(results[taken..].iter().all(Result::is_err));
    let refusal = results[taken].as_ref().unwrap_err();
    assert!(refusal.to_string().contains("no room"), "{refusal}");
    assert_eq!(ids(&dir), (0..taken).collect::<Vec<_>>());
    for _ in 0..2 {
        assert!(matches!(journal.status().state, State::Failed { .. }));
        assert!(send(&journal, taken).await.is_err());
    }
    assert!(disk.remount("size=2m"));
    assert!(send(&journal, taken).await.is_ok());
    assert_eq!(journal.status().state, State::Ok);
}

/// FD10
#[tokio::test]
async fn a_read_only_file_system_refuses_until_it_can_be_written_again() {
    let Some(disk) = Mounted::tmpfs("size=1m") else {
        return;
    };
    let dir = disk.path.join("journal");
    let journal = open(&dir, to_the_last_byte());
    assert!(append(&journal, 0).await.is_ok());
    // A file system is not remounted while a file on it is open for writing.
    journal.reopen();
    while !disk.remount("ro") {
        tokio::task::yield_now().await;
    }
    for _ in 0..2 {
        let error = append(&journal, 1).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert!(
            words(&error).contains("ead-only file system"),
            "{}",
            words(&error)
        );
    }
    assert!(matches!(journal.status().state, State::Failed { .. }));
    assert!(disk.remount("rw"));
    assert!(append(&journal, 1).await.is_ok());
    assert_eq!(ids(&dir), [0, 1]);
}

/// FD2, FD10: ext4 that met an error and made itself read-only under an open file, as it does by
/// `errors=remount-ro`.
#[tokio::test]
async fn a_file_system_that_fails_under_an_open_segment_loses_nothing_taken() {
    let Some(disk) = Mounted::ext4() else {
        return;
    };
    let dir = disk.path.join("journal");
    let journal = open(&dir, to_the_last_byte());
    for id in 0..3 {
        assert!(append(&journal, id).await.is_ok());
    }
    disk.fail();
    let error = append(&journal, 3).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(matches!(journal.status().state, State::Failed { .. }));
    drop(journal);
    disk.check_and_mount_again();
    let journal = open(&dir, to_the_last_byte());
    assert_eq!(ids(&dir), [0, 1, 2]);
    assert!(append(&journal, 3).await.is_ok());
}

fn to_the_last_byte() -> Config {
    Config {
        reserve_bytes: 0,
        ..Config::default()
    }
}

/// Sends events until one is refused; returns how many were taken, and the refusal.
async fn fill(journal: &Journal) -> (usize, SinkError) {
    for id in 0..1000 {
        if let Err(error) = send(journal, id).await {
            assert!(id > 3, "{error:?}");
            return (id, error);
        }
    }
    panic!("the disk is never full");
}

async fn send(journal: &Journal, id: usize) -> Result<(), SinkError> {
    let event: WireEvent = event_of(id, 5000);
    let result = journal.append(&[event]).await.pop().unwrap();
    result.map(drop)
}

/// A file system of the test's own, unmounted when dropped.
struct Mounted {
    path: PathBuf,
    image: PathBuf,
    _dir: tempfile::TempDir,
}

impl Mounted {
    fn tmpfs(options: &str) -> Option<Self> {
        let mounted = Self::nowhere();
        let args = ["-t", "tmpfs", "-o", options, "tmpfs"];
        mounted.mount(&args)
    }

    fn ext4() -> Option<Self> {
        let mounted = Self::nowhere();
        let image = std::fs::File::create(&mounted.image).unwrap();
        image.set_len(8 << 20).unwrap();
        run(Command::new("mkfs.ext4").arg("-q").arg(&mounted.image)).map_or_else(
            |why| unable(&why),
            |()| {
                let image = mounted.image.clone();
                let args = ["-o", "loop,errors=remount-ro", &*image.to_string_lossy()];
                mounted.mount(&args)
            },
        )
    }

    fn nowhere() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("disk");
        std::fs::create_dir(&path).unwrap();
        Self {
            path,
            image: dir.path().join("image"),
            _dir: dir,
        }
    }

    fn mount(self, args: &[&str]) -> Option<Self> {
        match run(Command::new("mount").args(args).arg(&self.path)) {
            Ok(()) => Some(self),
            Err(why) => unable(&why),
        }
    }

    fn remount(&self, mode: &str) -> bool {
        let options = format!("remount,{mode}");
        run(Command::new("mount").args(["-o", &options]).arg(&self.path)).is_ok()
    }

    /// Makes the kernel find an error in the file system.
    fn fail(&self) {
        let device = device_of(&self.path);
        let trigger = Path::new("/sys/fs/ext4")
            .join(device)
            .join("trigger_fs_error");
        std::fs::write(trigger, "1").unwrap();
    }

    fn check_and_mount_again(&self) {
        run(Command::new("umount").arg(&self.path)).unwrap();
        // Exit code 1 says that errors were found and mended.
        drop(run(Command::new("e2fsck").args(["-fy"]).arg(&self.image)));
        let args = ["-o", "loop"];
        let mut mount = Command::new("mount");
        run(mount.args(args).arg(&self.image).arg(&self.path)).unwrap();
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        drop(run(Command::new("umount").arg("-l").arg(&self.path)));
    }
}

/// The name of the loop device behind a mount point.
fn device_of(path: &Path) -> String {
    let mounts = std::fs::read_to_string("/proc/mounts").unwrap();
    let path = path.to_string_lossy();
    let mut mounts = mounts.lines().map(|line| line.split(' '));
    let device = mounts.find_map(|mut words| {
        let device = words.next()?;
        (words.next()? == path).then_some(device)
    });
    device.unwrap().trim_start_matches("/dev/").to_owned()
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command
        .output()
        .map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&output.stderr);
    Err(format!("{command:?}: {}", words.trim()))
}

/// Says why a test checks nothing here; where it has to, it fails.
#[expect(clippy::disallowed_methods, reason = "CI says so in its environment")]
#[expect(
    clippy::print_stdout,
    reason = "whoever reads the tests' output is to know"
)]
fn unable(why: &str) -> Option<Mounted> {
    println!("not checked, for want of a file system to fill: {why}");
    let is_ci = std::env::var_os("CI").is_some_and(|value| value == "1");
    assert!(!(is_ci && rustix::process::geteuid().is_root()), "{why}");
    None
}
