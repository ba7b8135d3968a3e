use super::Checks;
use crate::settings::row::Capability;
use crate::settings::{Fsync, RedactMode, Settings, SignMode, SinkChoice, SinkKind, WhenFull};

/// What happens to events on their way.
pub(super) fn check(settings: &Settings, checks: &mut Checks<'_>) {
    check_redaction(settings, checks);
    check_signing(settings, checks);
    check_sinks(settings, checks);
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
    let taken = [settings.journal_dir(), settings.spool_dir()];
    if settings.dlq.dir.as_ref() == Some(&settings.journal_dir()) {
        checks.refuse(["CONSIGN_DLQ_DIR"], "is where the journal is; name another");
    }
    let mirror = settings.journal.mirror_path.as_ref();
    if mirror.is_some_and(|mirror| taken.contains(mirror)) {
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

fn check_sinks(settings: &Settings, checks: &mut Checks<'_>) {
    let SinkChoice::Listed(kinds) = &settings.sink else {
        return;
    };
    if settings.use_noop && kinds.as_slice() != [SinkKind::Noop] {
        checks.refuse(
            ["CONSIGN_SINK", "CONSIGN_USE_NOOP"],
            "names a sink, but CONSIGN_USE_NOOP asks for none; keep one",
        );
    }
    for kind in kinds {
        let needed = match kind {
            SinkKind::JetStream => Capability::Nats,
            SinkKind::Store => Capability::Store,
            SinkKind::Log => Capability::LogSink,
            SinkKind::Journal | SinkKind::Noop => Capability::Core,
        };
        if checks.lacks(needed) {
            let words = needed.words();
            let what = format!("{kind} needs {words}, which this build lacks");
            checks.refuse(["CONSIGN_SINK"], what);
        }
    }
    if kinds.len() > 1 && checks.lacks(Capability::Fanout) {
        let words = Capability::Fanout.words();
        checks.refuse(
            ["CONSIGN_SINK"],
            format!("needs {words}, which this build lacks"),
        );
    }
    if kinds.contains(&SinkKind::JetStream) && !settings.nats.is_named() {
        checks.refuse(
            ["CONSIGN_SINK", "CONSIGN_NATS_URL", "CONSIGN_NATS_CONTEXT"],
            "names jetstream, but CONSIGN_NATS_URL is not set",
        );
    }
    if kinds.contains(&SinkKind::Store) && settings.store.url.is_none() {
        checks.refuse(
            ["CONSIGN_SINK", "CONSIGN_STORE_URL"],
            "names store, but CONSIGN_STORE_URL is not set",
        );
    }
}
