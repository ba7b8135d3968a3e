//! Full disks, read-only disks, a second process and cut files: clear words, the right exit code,
//! and nothing that was accepted is lost.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::support::{
    Broker, Daemon, ENSURE, drained, event, journal, post_batch, segments, status, until,
};

/// A small file system in memory, unmounted when dropped.
struct SmallDisk {
    dir: tempfile::TempDir,
}

impl SmallDisk {
    /// Needs the right to mount, which CI has: elsewhere the test says why it does not run.
    fn mount(size: &str) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let options = format!("size={size},mode=0700");
        let mounted = run(
            "mount",
            &["-t", "tmpfs", "-o", &options, "tmpfs"],
            dir.path(),
        );
        if !mounted {
            assert!(
                option_env!("CI").is_none(),
                "CI must be able to mount a tmpfs"
            );
            eprintln!("skipped: this user may not mount a tmpfs");
            return None;
        }
        Some(Self { dir })
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn remount(&self, mode: &str) -> bool {
        run(
            "mount",
            &["-o", &format!("remount,{mode}")],
            self.dir.path(),
        )
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        run("umount", &["-l"], self.dir.path());
    }
}

fn run(program: &str, arguments: &[&str], path: &Path) -> bool {
    Command::new(program)
        .args(arguments)
        .arg(path)
        .status()
        .is_ok_and(|status| status.success())
}

fn ids(data: &Path) -> Vec<String> {
    journal(data)
        .iter()
        .map(|event| event["id"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_full_disk_refuses_loudly_loses_nothing_and_recovers() {
    let Some(disk) = SmallDisk::mount("512k") else {
        return;
    };
    let settings = [("CONSIGN_MAX_EVENT_BYTES", "64KiB")];
    let daemon = Daemon::start(&disk.path(), &settings);
    let filler = format!("\"{}\"", "x ".repeat(8_000));
    let mut client = daemon.client();
    let mut accepted = Vec::new();
    let refusal = (0..200).find_map(|n| {
        let id = format!("e{n}");
        let answer = client.post(&event(&id, &filler)).unwrap();
        if answer.status == 204 {
            accepted.push(id);
            return None;
        }
        Some(answer)
    });
    let refusal = refusal.expect("the disk never filled");
    assert_eq!(refusal.status, 503, "{}", refusal.body);
    assert!(refusal.header("retry-after").is_some());
    assert_eq!(client.get("/readyz").unwrap().status, 503);
    assert_eq!(client.get("/livez").unwrap().status, 200);
    assert_eq!(ids(&disk.path()), accepted);
    assert!(disk.remount("size=4m"));
    assert_eq!(client.post(&event("again", &filler)).unwrap().status, 204);
    assert_eq!(client.get("/readyz").unwrap().status, 200);
    accepted.push("again".to_owned());
    assert!(daemon.stop().0.success());
    assert_eq!(ids(&disk.path()), accepted);
}

/// FD1
#[test]
fn a_batch_that_fills_the_disk_is_told_from_then_on() {
    let Some(disk) = SmallDisk::mount("512k") else {
        return;
    };
    let filler = format!("\"{}\"", "x ".repeat(8_000));
    let batch: Vec<String> = (0..60).map(|n| event(&n.to_string(), &filler)).collect();
    let refused = |result: &serde_json::Value| result["outcome"] == "refused";

    let daemon = Daemon::start(&disk.path(), &[("CONSIGN_MAX_EVENT_BYTES", "64KiB")]);
    let results = post_batch(&mut daemon.client(), &batch).unwrap();
    let last = results.last().unwrap();
    assert!(refused(last) && !refused(&results[0]), "{last}");
    let detail = last["error"]["detail"].as_str().unwrap();
    assert!(detail.contains("no room left"), "{detail}");
    let told = status(&daemon);
    assert_eq!(told["journal"]["state"], "failed", "{told}");
    let reason = told["journal"]["reason"].as_str().unwrap();
    assert!(reason.contains("reserved"), "{reason}");
    assert_eq!(daemon.client().get("/readyz").unwrap().status, 503);
    daemon.kill();

    // The same for a spool on that disk, while the broker is away.
    fs::remove_dir_all(disk.path()).unwrap();
    let data = tempfile::tempdir().unwrap();
    let mut broker = Broker::start();
    broker.kill();
    let spool = disk.path();
    let settings = [ENSURE, ("CONSIGN_DLQ_DIR", spool.to_str().unwrap())];
    let daemon = Daemon::with_broker(data.path(), &broker.url(), &settings);
    let results = post_batch(&mut daemon.client(), &batch).unwrap();
    let last = results.last().unwrap();
    assert!(
        refused(last) && results[0]["outcome"] == "spilled",
        "{last}"
    );
    let detail = last["error"]["detail"].as_str().unwrap();
    assert!(detail.contains("no room left"), "{detail}");
    let told = status(&daemon);
    assert_eq!(told["spool"]["state"], "failed", "{told}");
    assert_eq!(daemon.client().get("/readyz").unwrap().status, 503);
    broker.restart();
    until(&daemon, Duration::from_secs(30), |status| {
        drained(status) && status["spool"]["state"] == "ok"
    });
}

#[test]
fn a_read_only_disk_refuses_and_then_stops_the_start() {
    let Some(disk) = SmallDisk::mount("4m") else {
        return;
    };
    let daemon = Daemon::start(&disk.path(), &[]);
    let mut client = daemon.client();
    assert_eq!(client.post(&event("before", "{}")).unwrap().status, 204);
    // A file system cannot be made read-only under an open writer; the daemon goes first.
    assert!(daemon.stop().0.success());
    assert!(disk.remount("ro"));
    let (code, said) = Daemon::run(&disk.path(), &[]);
    assert_eq!(code, Some(74), "{said}");
    assert!(
        said.contains("Read-only") && said.contains("try:"),
        "{said}"
    );
    assert!(disk.remount("rw"));
    let daemon = Daemon::start(&disk.path(), &[]);
    assert_eq!(
        daemon.client().post(&event("after", "{}")).unwrap().status,
        204
    );
    assert!(daemon.stop().0.success());
    assert_eq!(ids(&disk.path()), ["before", "after"]);
}

#[test]
fn a_second_process_is_told_who_holds_the_directory() {
    let dir = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(dir.path(), &[]);
    let (code, said) = Daemon::run(dir.path(), &[]);
    assert_eq!(code, Some(75), "{said}");
    assert!(
        said.contains(&format!("process {}", daemon.pid())),
        "{said}"
    );
    daemon.kill();
    assert!(Daemon::start(dir.path(), &[]).stop().0.success());
}

#[test]
fn a_journal_cut_anywhere_in_its_last_record_keeps_all_before_it() {
    let dir = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(dir.path(), &[]);
    for id in ["1", "2", "3"] {
        assert_eq!(daemon.client().post(&event(id, "{}")).unwrap().status, 204);
    }
    daemon.kill();
    let segment = segments(dir.path()).pop().unwrap();
    let whole = fs::read(&segment).unwrap();
    let last = whole[..whole.len() - 1]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .unwrap()
        + 1;
    // Every byte is cut at in the journal's own tests; here a start of the daemon costs more.
    let cuts = (last..whole.len()).step_by(97).chain([whole.len() - 1]);
    for cut in cuts {
        fs::write(&segment, &whole[..cut]).unwrap();
        let daemon = Daemon::start(dir.path(), &[]);
        assert_eq!(daemon.client().post(&event("4", "{}")).unwrap().status, 204);
        assert!(daemon.stop().0.success());
        assert_eq!(ids(dir.path()), ["1", "2", "4"], "cut at byte {cut}");
        for extra in segments(dir.path())
            .into_iter()
            .filter(|path| *path != segment)
        {
            fs::remove_file(extra).unwrap();
        }
    }
}

#[test]
fn a_spool_that_filled_its_disk_takes_events_again_once_it_is_drained() {
    let Some(disk) = SmallDisk::mount("1m") else {
        return;
    };
    let data = tempfile::tempdir().unwrap();
    let mut broker = Broker::start();
    broker.kill();
    let spool = disk.path();
    let settings = [ENSURE, ("CONSIGN_DLQ_DIR", spool.to_str().unwrap())];
    let daemon = Daemon::with_broker(data.path(), &broker.url(), &settings);
    let filler = format!("\"{}\"", "x ".repeat(8_000));
    let mut spilled = 0;
    while daemon
        .client()
        .post(&event(&spilled.to_string(), &filler))
        .unwrap()
        .status
        == 204
    {
        spilled += 1;
        assert!(spilled < 200, "the disk never filled");
    }
    assert_eq!(daemon.client().get("/readyz").unwrap().status, 503);
    broker.restart();
    until(&daemon, Duration::from_secs(30), drained);
    broker.kill();
    let patience = Duration::from_secs(10);
    until(&daemon, patience, |status| {
        status["nats"]["connected"] == false
    });
    // Nothing was spilled since, and there is room again.
    until(&daemon, patience, |_| {
        daemon.client().get("/readyz").unwrap().status == 200
    });
    let again = daemon.client().post(&event("again", &filler)).unwrap();
    assert_eq!(again.status, 204, "{}", again.body);
    assert_eq!(daemon.client().get("/readyz").unwrap().status, 200);
    broker.restart();
    until(&daemon, Duration::from_secs(30), drained);
    assert_eq!(broker.stored("CONSIGN_EVENTS").len(), spilled + 1);
}
