use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use rustix::fs::{Access, access};
use sink_sign::{Sign as _, SigningKey};
use supervisor::settings::{Settings, SignMode};

use super::check::{Check, Report};

/// Checks the settings, and the files they name.
pub(super) fn check(settings: &Settings, report: &mut Report) {
    report.add(match supervisor::check(settings) {
        Ok(()) => Check::ok("configuration", supervisor::stack(settings)),
        Err(failure) => Check::failed("configuration", &failure),
    });
    report.add(data_dir(&settings.data_dir));
    report.add(key(settings));
}

/// Whether the directory is this user's alone, as the daemon wants it.
fn data_dir(dir: &Path) -> Check {
    let what = "data directory";
    let shown = dir.display();
    let metadata = match dir.metadata() {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Check::skip(what, format!("{shown} is made by the first start"));
        }
        Err(error) => return Check::fail(what, format!("{shown}: {error}")),
    };
    if !metadata.is_dir() {
        return Check::fail(what, format!("{shown} is no directory"))
            .try_next("set CONSIGN_DATA_DIR to a directory");
    }
    if let Some(check) = owned(what, dir, &metadata) {
        return check;
    }
    if metadata.mode() & 0o077 != 0 {
        let mode = metadata.mode() & 0o777;
        return Check::warn(what, format!("{shown} is open to others (mode {mode:o})"))
            .try_next(format!("chmod 700 {shown}"));
    }
    match access(dir, Access::WRITE_OK | Access::EXEC_OK) {
        Ok(()) => Check::ok(what, format!("{shown}, this user's alone")),
        Err(error) => Check::fail(what, format!("{shown} cannot be written: {error}"))
            .try_next("give this user the right to write there, or set CONSIGN_DATA_DIR"),
    }
}

/// What is wrong where another user owns it. Root is told who it is meant for.
fn owned(what: &str, path: &Path, metadata: &Metadata) -> Option<Check> {
    let (own, owner) = (rustix::process::geteuid().as_raw(), metadata.uid());
    if own == owner {
        return None;
    }
    let shown = path.display();
    let said = format!("{shown} belongs to user {owner}, and this is user {own}");
    Some(Check::warn(what, said).try_next("ask as the user that the supervisor runs as"))
}

/// Whether what events are signed with can be used.
fn key(settings: &Settings) -> Check {
    let what = "signing key";
    if settings.sign.mode == SignMode::Off {
        return Check::warn(what, "CONSIGN_SIGN is off: events prove nothing")
            .try_next("CONSIGN_SIGN=ed25519");
    }
    let made = settings.keys_dir().join("signing.pem");
    let path = match (settings.sign_key_file(), &settings.sign.key) {
        (Some(path), _) => path,
        // The configuration was checked with it.
        (None, Some(_)) => return Check::ok(what, "that of CONSIGN_SIGN_KEY"),
        (None, None) if !made.exists() => {
            return Check::skip(
                what,
                format!("{} is made by the first start", made.display()),
            );
        }
        (None, None) => made.as_path(),
    };
    let shown = path.display();
    match SigningKey::load(path) {
        Ok(key) if key.is_group_readable() => {
            Check::warn(what, format!("{shown} can be read by its group")).try_next(format!(
                "chmod 600 {shown}, unless a mount has to have it so"
            ))
        }
        Ok(key) => Check::ok(what, format!("{shown}, key id {}", key.key_id())),
        Err(error) => Check::fail(what, format!("{shown}: {error}"))
            .try_next(format!("chmod 600 {shown}, or consign key gen FILE")),
    }
}
