use std::path::{Path, PathBuf};

use serde_json::Value;
use sink_dlq::Area;
use supervisor::settings::{DlqMode, Settings};

use super::check::{Check, Report};
use crate::human::{counted, size};

/// Checks the spool: whether there is room, and whether anything waits for somebody.
pub(super) fn check(settings: &Settings, running: Option<&Value>, report: &mut Report) {
    if settings.dlq.mode == DlqMode::Off {
        let said = "CONSIGN_DLQ is off: what cannot be delivered is refused";
        report.add(Check::warn("spool", said).try_next("CONSIGN_DLQ=file"));
        return;
    }
    let dir = settings.spool_dir();
    report.add(room(&dir, settings.dlq.max_bytes.count()));
    let held = running.map(told).or_else(|| read(&dir));
    report.add(held.map_or_else(
        || {
            Check::skip(
                "spool records",
                format!("{} is made by the first start", dir.display()),
            )
        },
        |held| held.unwrap_or_else(|why| Check::fail("spool records", why)),
    ));
}

/// Whether the file system has as much room as the spool may need.
fn room(dir: &Path, most: u64) -> Check {
    let what = "spool room";
    let there = existing(dir);
    let space = match rustix::fs::statvfs(&there) {
        Ok(space) => space,
        Err(error) => return Check::fail(what, format!("{}: {error}", there.display())),
    };
    let free = space.f_bavail.saturating_mul(space.f_frsize);
    let said = format!(
        "{} free at {}; the spool may grow to {}",
        size(free),
        dir.display(),
        size(most)
    );
    if free < LEAST {
        Check::fail(what, said).try_next("make room: without it events are refused")
    } else if free < most {
        Check::warn(what, said).try_next("make room, or lower CONSIGN_DLQ_MAX_BYTES")
    } else {
        Check::ok(what, said)
    }
}

/// The nearest directory above that is there.
fn existing(dir: &Path) -> PathBuf {
    let there = dir.ancestors().find(|path| path.is_dir());
    there.map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// What a supervisor says that waits.
fn told(status: &Value) -> Result<Check, String> {
    if status["confined"] == true {
        let said = "the supervisor has them, and this token may not see counts";
        return Ok(Check::skip("spool records", said));
    }
    let number = |area: &str| {
        let held = status.pointer(&format!("/spool/{area}"));
        held.and_then(Value::as_u64).unwrap_or_default()
    };
    Ok(judged(
        number("waiting"),
        number("set_aside"),
        number("dead"),
        0,
    ))
}

/// What waits in the directory itself, which is only read. `None` where there is none.
fn read(dir: &Path) -> Option<Result<Check, String>> {
    if !dir.is_dir() {
        return None;
    }
    let records = match sink_dlq::read(dir) {
        Ok(records) => records,
        Err(error) => return Some(Err(format!("{}: {error}", dir.display()))),
    };
    let (mut waiting, mut aside, mut dead, mut damaged) = (0, 0, 0, 0);
    for record in records {
        match record.map(|record| record.area) {
            Ok(Area::Waiting) => waiting += 1,
            Ok(Area::SetAside) => aside += 1,
            Ok(Area::Dead) => dead += 1,
            Err(_) => damaged += 1,
        }
    }
    Some(Ok(judged(waiting, aside, dead, damaged)))
}

fn judged(waiting: u64, aside: u64, dead: u64, damaged: u64) -> Check {
    let what = "spool records";
    let said = format!("{waiting} waiting, {aside} set aside, {dead} dead");
    if damaged > 0 {
        let places = counted(damaged, "damaged place");
        Check::fail(what, format!("{said}, {places}")).try_next("consign verify DIR")
    } else if aside + dead > 0 {
        Check::warn(what, said).try_next("consign dlq ls")
    } else {
        Check::ok(what, said)
    }
}

/// Less room than this is none: the spool leaves a reserve to others.
const LEAST: u64 = 64 << 20;
