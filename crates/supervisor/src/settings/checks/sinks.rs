use super::Checks;
use crate::settings::row::Capability;
use crate::settings::{
    OnConnectFail, Profile, Settings, SinkChoice, SinkEntry, SinkKind, SinkNeed,
};

/// Where events end.
pub(super) fn check(settings: &Settings, checks: &mut Checks<'_>) {
    let kinds = settings.sink_kinds();
    if kinds.len() > 1 && settings.nats.on_connect_fail == OnConnectFail::Noop {
        let what = "is noop, which would answer for the other sinks; use dlq or fail";
        checks.refuse(["CONSIGN_ON_CONNECT_FAIL", SINK], what);
    }
    let SinkChoice::Listed(listed) = &settings.sink else {
        return;
    };
    let kinds: Vec<SinkKind> = listed.iter().map(|entry| entry.kind).collect();
    if settings.use_noop && kinds.as_slice() != [SinkKind::Noop] {
        checks.refuse(
            [SINK, "CONSIGN_USE_NOOP"],
            "names a sink, but CONSIGN_USE_NOOP asks for none; keep one",
        );
    }
    check_capabilities(&kinds, checks);
    for (position, kind) in kinds.iter().enumerate() {
        if kinds.iter().take(position).any(|earlier| earlier == kind) {
            checks.refuse([SINK], format!("names {kind} twice"));
        }
    }
    match listed.as_slice() {
        [alone] => check_alone(alone, checks),
        several => check_several(several, settings, checks),
    }
    if kinds.contains(&SinkKind::JetStream) && !settings.nats.is_named() {
        checks.refuse(
            [SINK, "CONSIGN_NATS_URL", "CONSIGN_NATS_CONTEXT"],
            "names jetstream, but CONSIGN_NATS_URL is not set",
        );
    }
    if kinds.contains(&SinkKind::Store) && settings.store.url.is_none() {
        checks.refuse(
            [SINK, "CONSIGN_STORE_URL"],
            "names store, but CONSIGN_STORE_URL is not set",
        );
    }
}

/// What is not wrong and has no effect.
pub(super) fn remarks(settings: &Settings) -> Vec<String> {
    let unused = settings.store.url.is_some() && !settings.sink_kinds().contains(&SinkKind::Store);
    let text = "CONSIGN_STORE_URL is unused: CONSIGN_SINK names no store";
    unused.then(|| text.to_owned()).into_iter().collect()
}

fn check_capabilities(kinds: &[SinkKind], checks: &mut Checks<'_>) {
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
            checks.refuse([SINK], what);
        }
    }
    if kinds.len() > 1 && checks.lacks(Capability::Fanout) {
        let words = Capability::Fanout.words();
        checks.refuse([SINK], format!("needs {words}, which this build lacks"));
    }
}

/// A sink that stands alone is needed whatever is said.
fn check_alone(entry: &SinkEntry, checks: &mut Checks<'_>) {
    let SinkEntry {
        kind,
        need,
        deadline,
    } = entry;
    if need.is_some() || deadline.is_some() {
        let what =
            format!("says how much {kind} is needed, which stands alone; leave it at {kind}");
        checks.refuse([SINK], what);
    }
}

fn check_several(listed: &[SinkEntry], settings: &Settings, checks: &mut Checks<'_>) {
    let names = |kind| listed.iter().any(|entry| entry.kind == kind);
    if names(SinkKind::Noop) {
        let what = "names noop beside other sinks; noop stands alone";
        checks.refuse([SINK], what);
    }
    for entry in listed {
        let kind = entry.kind;
        if kind == SinkKind::Log && entry.need() != SinkNeed::BestEffort {
            let need = entry.need();
            let what = format!("has log {need}, which keeps no event; use log:best-effort");
            checks.refuse([SINK], what);
        }
        if entry.deadline.is_some_and(|deadline| deadline.is_zero()) {
            checks.refuse([SINK], format!("gives {kind} no time; use 1s or more"));
        }
    }
    let decides = |entry: &SinkEntry| entry.need() != SinkNeed::BestEffort;
    if !listed
        .iter()
        .any(|entry| entry.kind.keeps() && decides(entry))
    {
        let what = "needs a sink that is required or one-of, or an answer would mean nothing";
        checks.refuse([SINK], what);
    }
    if names(SinkKind::Journal) && settings.journal.mirror_path.is_some() {
        checks.refuse(
            ["CONSIGN_JSONL_PATH", SINK],
            "is a second journal beside the one that CONSIGN_SINK lists; keep one",
        );
    }
    let jetstream = listed
        .iter()
        .find(|entry| entry.kind == SinkKind::JetStream);
    if settings.profile == Profile::Hardened
        && jetstream.is_some_and(|entry| entry.need() != SinkNeed::Required)
    {
        let what = "does not require jetstream; profile hardened demands it";
        checks.refuse([SINK, "CONSIGN_PROFILE"], what);
    }
}

const SINK: &str = "CONSIGN_SINK";
