use super::Checks;
use crate::settings::{
    DlqMode, OnConnectFail, Profile, RedactMode, Settings, SignMode, SinkKind, StreamsMode, Tls,
};

/// What the profile demands.
pub(super) fn check(settings: &Settings, checks: &mut Checks<'_>) {
    match settings.profile {
        Profile::Portable => {}
        Profile::Hardened => {
            check_both(settings, checks);
            check_hardened(settings, checks);
        }
        Profile::Airgapped => {
            check_both(settings, checks);
            check_airgapped(settings, checks);
        }
    }
}

fn check_both(settings: &Settings, checks: &mut Checks<'_>) {
    let profile = settings.profile;
    if settings.sign.mode == SignMode::Off {
        checks.refuse(
            ["CONSIGN_SIGN", PROFILE],
            format!("is off; profile {profile} demands signing"),
        );
    }
    if settings.use_noop {
        let what = format!("is true; profile {profile} refuses to forget events");
        checks.refuse(["CONSIGN_USE_NOOP", PROFILE], what);
    } else if let [kind @ (SinkKind::Noop | SinkKind::Log)] = settings.sink_kinds().as_slice() {
        let what = format!("is {kind}; profile {profile} refuses to forget events");
        checks.refuse(["CONSIGN_SINK", PROFILE], what);
    }
    if settings.nats.on_connect_fail == OnConnectFail::Noop {
        let what = format!("is noop; profile {profile} refuses to forget events");
        checks.refuse(["CONSIGN_ON_CONNECT_FAIL", PROFILE], what);
    }
}

fn check_hardened(settings: &Settings, checks: &mut Checks<'_>) {
    check_custody(settings, checks);
    if settings.nats.tls == Tls::Never {
        checks.refuse(
            ["CONSIGN_NATS_TLS", PROFILE],
            "is false; profile hardened does not forbid encryption",
        );
    }
    if !settings.nats.is_named() {
        checks.refuse(
            ["CONSIGN_NATS_URL", "CONSIGN_NATS_CONTEXT", PROFILE],
            "is not set; profile hardened demands a broker",
        );
    }
    if !settings.nats.require_jetstream {
        checks.refuse(
            ["CONSIGN_REQUIRE_JETSTREAM", PROFILE],
            "is false; profile hardened demands the broker and its stream at the start",
        );
    }
    if settings.streams.mode == StreamsMode::Off {
        checks.refuse(
            ["CONSIGN_STREAMS", PROFILE],
            "is off; profile hardened demands that streams are verified",
        );
    }
    if settings.http.insecure {
        checks.refuse(
            ["CONSIGN_HTTP_INSECURE", PROFILE],
            "is true; profile hardened demands a token",
        );
    }
}

/// What must not be turned off where everything counts.
fn check_custody(settings: &Settings, checks: &mut Checks<'_>) {
    for (name, off, why) in [
        (
            "CONSIGN_DLQ",
            settings.dlq.mode == DlqMode::Off,
            "demands the spool",
        ),
        (
            "CONSIGN_REDACT",
            settings.redact.mode == RedactMode::Off,
            "demands redaction",
        ),
    ] {
        if off {
            let profile = settings.profile;
            checks.refuse([name, PROFILE], format!("is off; profile {profile} {why}"));
        }
    }
}

fn check_airgapped(settings: &Settings, checks: &mut Checks<'_>) {
    check_custody(settings, checks);
    for (name, set) in [
        ("CONSIGN_NATS_URL", settings.nats.url.is_some()),
        ("CONSIGN_NATS_CONTEXT", settings.nats.context.is_some()),
        ("CONSIGN_STORE_URL", settings.store.url.is_some()),
    ] {
        if set {
            checks.refuse(
                [name, PROFILE],
                "is set; profile airgapped keeps the journal alone",
            );
        }
    }
    let kinds = settings.sink_kinds();
    let elsewhere = |kind: &SinkKind| !matches!(kind, SinkKind::Journal | SinkKind::Noop);
    if checks.is_set("CONSIGN_SINK") && kinds.iter().any(elsewhere) {
        checks.refuse(
            ["CONSIGN_SINK", PROFILE],
            "names more than the journal; profile airgapped keeps the journal alone",
        );
    }
}

const PROFILE: &str = "CONSIGN_PROFILE";
