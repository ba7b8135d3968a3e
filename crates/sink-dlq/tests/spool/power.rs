//! FD7, FD8: an ext4 of the test's own that drops, without warning, what was not synced. Needs
//! the right to mount.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use sink_dlq::{Area, RecordId, Spool, SpoolConfig};
use tokio::task::JoinSet;

use crate::syncing::unable;
use crate::{cause, config, entry_of, event_id, records};

const CYCLES: usize = 12;
const SENDERS: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_power_cut_under_load_loses_nothing_acknowledged() {
    let disk = match Disk::make() {
        Ok(disk) => disk,
        Err(why) => return unable(&why),
    };
    let dir = disk.mount_point().join("spool");
    let mut acknowledged: BTreeMap<usize, (RecordId, Area)> = BTreeMap::new();
    for cycle in 0..CYCLES {
        let spool = Spool::open(&dir, small()).unwrap();
        let mut senders = JoinSet::new();
        for sender in 0..SENDERS {
            let spool = spool.clone();
            senders.spawn(async move { send(&spool, cycle * SENDERS + sender).await });
        }
        tokio::time::sleep(Duration::from_micros(500 + cycle as u64 * 1_931)).await;
        disk.cut_power();
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

/// Stores and moves events until the disk is gone; returns what was acknowledged.
async fn send(spool: &Spool, sender: usize) -> Vec<(usize, (RecordId, Area))> {
    let mut acknowledged = Vec::new();
    for turn in 0..100 {
        let id = sender * 100 + turn;
        let entries = vec![entry_of(id, id % 700)];
        let Ok(stored) = spool.append(Area::Waiting, entries).await.remove(0) else {
            break;
        };
        acknowledged.push((id, (stored.id, Area::Waiting)));
        if id.is_multiple_of(3) {
            let moves = vec![(stored.id, Area::Dead, cause("refused"))];
            if spool.relocate(moves).await.remove(0).is_err() {
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

    /// `EXT4_IOC_SHUTDOWN` without flushing the log.
    fn cut_power(&self) {
        let script = "import fcntl, os, struct, sys\n\
            fd = os.open(sys.argv[1], os.O_RDONLY)\n\
            fcntl.ioctl(fd, 0x8004587d, struct.pack('I', 2))\n";
        let mut python = Command::new("python3");
        run(python.args(["-c", script]).arg(self.mount_point())).unwrap();
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
