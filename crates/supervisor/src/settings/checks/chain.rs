use std::path::{self, PathBuf};

use super::Checks;
use crate::settings::row::Capability;
use crate::settings::{Fsync, RedactMode, Settings, SignMode, WhenFull};

/// What happens to events on their way.
pub(super) fn check(settings: &Settings, checks: &mut Checks<'_>) {
    check_redaction(settings, checks);
    check_signing(settings, checks);
    check_spool(settings, checks);
    if settings.routes.is_some() && checks.is_set("CONSIGN_SUBJECT") {
        checks.refuse(
            ["CONSIGN_SUBJECT", "CONSIGN_ROUTES"],
            "has no effect beside CONSIGN_ROUTES; give a route for > instead",
        );
    }
    check_directories(settings, checks);
    let journal = &settings.journal;
    if journal.mirror_rotate_bytes.is_some() && journal.mirror_path.is_none() {
        checks.refuse(
            ["CONSIGN_JSONL_ROTATE_BYTES", "CONSIGN_JSONL_PATH"],
            "has no effect without CONSIGN_JSONL_PATH",
        );
    }
}

fn check_redaction(settings: &Settings, checks: &mut Checks<'_>) {
    let redact = &settings.redact;
    match redact.mode {
        RedactMode::Off => {
            for (name, set) in [
                ("CONSIGN_REDACT_FIELDS", redact.fields.is_some()),
                ("CONSIGN_REDACT_RULES_FILE", redact.rules_file.is_some()),
            ] {
                if set {
                    checks.refuse(
                        [name, "CONSIGN_REDACT"],
                        "is set, but CONSIGN_REDACT is off",
                    );
                }
            }
        }
        RedactMode::File if redact.rules_file.is_none() => checks.refuse(
            ["CONSIGN_REDACT", "CONSIGN_REDACT_RULES_FILE"],
            "is file, but CONSIGN_REDACT_RULES_FILE is not set",
        ),
        RedactMode::Builtin | RedactMode::File => {}
    }
}

fn check_signing(settings: &Settings, checks: &mut Checks<'_>) {
    let sign = &settings.sign;
    if sign.mode == SignMode::Off {
        for (name, set) in [
            ("CONSIGN_SIGN_KEY", sign.key.is_some()),
            ("CONSIGN_SIGN_KEYID", sign.keyid.is_some()),
            ("CONSIGN_SIGN_EXTENSIONS", sign.extensions.is_some()),
        ] {
            if set {
                checks.refuse([name, "CONSIGN_SIGN"], "is set, but CONSIGN_SIGN is off");
            }
        }
    }
}

/// Journal, spool and mirror each hold a directory alone.
fn check_directories(settings: &Settings, checks: &mut Checks<'_>) {
    let whole = |dir: PathBuf| path::absolute(&dir).unwrap_or(dir);
    let journal = whole(settings.journal_dir());
    let spools = [settings.spool_dir(), settings.further_spool_dir()].map(whole);
    if spools.contains(&journal) {
        checks.refuse(["CONSIGN_DLQ_DIR"], "is where the journal is; name another");
    }
    let mirror = settings.journal.mirror_path.clone().map(whole);
    if mirror.is_some_and(|mirror| mirror == journal || spools.contains(&mirror)) {
        let what = "is where the journal or the spool is; name another";
        checks.refuse(["CONSIGN_JSONL_PATH"], what);
    }
}

/// A spool that may lose events is none of this build's.
fn check_spool(settings: &Settings, checks: &mut Checks<'_>) {
    if !checks.lacks(Capability::SpoolPolicies) {
        return;
    }
    let words = Capability::SpoolPolicies.words();
    for (name, unknown) in [
        ("CONSIGN_DLQ_FSYNC", settings.dlq.fsync != Fsync::Always),
        (
            "CONSIGN_DLQ_WHEN_FULL",
            settings.dlq.when_full != WhenFull::Reject,
        ),
    ] {
        if unknown {
            checks.refuse([name], format!("needs {words}, which this build lacks"));
        }
    }
}
