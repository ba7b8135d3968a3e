//! FD7, FD8: an ext4 of the test's own that drops, without warning, what was not synced. Needs
//! the right to mount.
//!
//! A machine without power tells nobody anything, but one whose file system was shut down goes on:
//! a sync under way at that moment may even say yes (the kernel finds its transaction neither
//! running nor being committed, and does not ask how it ended). So what counts as acknowledged is
//! what was told before.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sink_dlq::{Area, RecordId, Spool, SpoolConfig};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::syncing::unable;
use crate::{cause, config, entry_of, event_id, records};

const CYCLES: usize = 12;
const SENDERS: usize = 8;
/// For the first acknowledgements of a cycle, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_power_cut_under_load_loses_nothing_acknowledged() {
    let disk = match Disk::make() {
        Ok(disk) => disk,
        Err(why) => return unable(&why),
    };
    let dir = disk.mount_point().join("spool");
    let mut acknowledged: BTreeMap<usize, (RecordId, Area)> = BTreeMap::new();
    for cycle in 0..CYCLES {
        let switch = disk.switch();
        let spool = Spool::open(&dir, small()).unwrap();
        let (is_cut, told) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(Semaphore::new(0)),
        );
        let mut senders = JoinSet::new();
        for sender in 0..SENDERS {
            let (spool, is_cut) = (spool.clone(), Arc::clone(&is_cut));
            let told = Arc::clone(&told);
            let sender = cycle * SENDERS + sender;
            senders.spawn(async move { send(&spool, sender, &is_cut, &told).await });
        }
        let some = told.acquire_many(2 + 9 * cycle as u32);
        tokio::time::timeout(PATIENCE, some)
            .await
            .unwrap()
            .unwrap()
            .forget();
        // So that the moments fall anywhere in a group.
        tokio::time::sleep(Duration::from_micros(cycle as u64 * 331)).await;
        is_cut.store(true, Ordering::SeqCst);
        switch.cut_power();
        acknowledged.extend(senders.join_all().await.into_iter().flatten());
        // The last clone waits for the writer, whose files are on a disk that is gone.
        drop(spool);
        disk.power_up();
        let spool = Spool::open(&dir, small()).unwrap();
        let mut found = BTreeMap::new();
        for area in Area::EACH {
            for record in records(&spool, area).await {
                found.insert(event_id(&record), (record.id, record.area));
            }
        }
        for (id, (record, area)) in &acknowledged {
            let (found, now) = found
                .get(id)
                .unwrap_or_else(|| panic!("event {id} is lost"));
            assert_eq!(found, record);
            // A move that nobody was told of may have come to its end.
            assert!(now >= area, "event {id} is back from {area} in {now}");
        }
    }
    assert!(acknowledged.len() > CYCLES, "only {}", acknowledged.len());
}

/// Stores and moves events until the power is cut; returns what was acknowledged before.
async fn send(
    spool: &Spool,
    sender: usize,
    is_cut: &AtomicBool,
    told: &Semaphore,
) -> Vec<(usize, (RecordId, Area))> {
    let mut acknowledged = Vec::new();
    for turn in 0..100 {
        let id = sender * 100 + turn;
        let entries = vec![entry_of(id, id % 700)];
        let Ok(stored) = spool.append(Area::Waiting, entries).await.remove(0) else {
            break;
        };
        if is_cut.load(Ordering::SeqCst) {
            break;
        }
        acknowledged.push((id, (stored.id, Area::Waiting)));
        told.add_permits(1);
        if id.is_multiple_of(3) {
            let moves = vec![(stored.id, Area::Dead, cause("refused"))];
            let moved = spool.relocate(moves).await.remove(0);
            if moved.is_err() || is_cut.load(Ordering::SeqCst) {
                break;
            }
            acknowledged.push((id, (stored.id, Area::Dead)));
        }
    }
    acknowledged
}

fn small() -> SpoolConfig {
    SpoolConfig {
        segment_bytes: 20_000,
        ..config()
    }
}

struct Disk {
    dir: tempfile::TempDir,
}

impl Disk {
    fn make() -> Result<Self, String> {
        let dir = tempfile::tempdir().unwrap();
        let disk = Self { dir };
        std::fs::create_dir(disk.mount_point()).unwrap();
        let image = std::fs::File::create(disk.image()).unwrap();
        image.set_len(64 << 20).unwrap();
        run(Command::new("mkfs.ext4").arg("-q").arg(disk.image()))?;
        run(Command::new("python3").arg("-c").arg("import fcntl"))?;
        disk.mount()?;
        Ok(disk)
    }

    fn mount(&self) -> Result<(), String> {
        let mut mount = Command::new("mount");
        run(mount
            .args(["-o", "loop"])
            .arg(self.image())
            .arg(self.mount_point()))
    }

    /// `EXT4_IOC_SHUTDOWN` without flushing the log, in a process that has started already.
    fn switch(&self) -> Switch {
        let script = "import fcntl, os, struct, sys\n\
            fd = os.open(sys.argv[1], os.O_RDONLY)\n\
            print('ready', flush=True)\n\
            sys.stdin.read()\n\
            fcntl.ioctl(fd, 0x8004587d, struct.pack('I', 2))\n";
        let mut python = Command::new("python3");
        python.args(["-c", script]).arg(self.mount_point());
        let python = python.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut python = python.unwrap();
        let mut word = String::new();
        let stdout = python.stdout.as_mut().unwrap();
        BufReader::new(stdout).read_line(&mut word).unwrap();
        assert_eq!(word, "ready\n");
        Switch(python)
    }

    fn power_up(&self) {
        run(Command::new("umount").arg(self.mount_point())).unwrap();
        self.mount().unwrap();
    }

    fn mount_point(&self) -> PathBuf {
        self.dir.path().join("disk")
    }

    fn image(&self) -> PathBuf {
        self.dir.path().join("image")
    }
}

/// What cuts the power.
struct Switch(Child);

impl Switch {
    fn cut_power(mut self) {
        drop(self.0.stdin.take());
        assert!(self.0.wait().unwrap().success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let point: &Path = &self.mount_point();
        drop(run(Command::new("umount").arg("-l").arg(point)));
    }
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
