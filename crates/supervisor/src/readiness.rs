use std::time::Duration;

use events_core::chained;
use sink_dlq::{Dlq, State as SpoolState};
use sink_jetstream::BreakerState;
use sink_jsonl::{Journal, State};
use sink_store::Store;

use crate::broker::Broker;
use crate::compose::Chain;
use crate::settings::ReadyRequires;

/// What readiness is held against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// What it asks for.
    pub(crate) ready: ReadyRequires,
    /// How long an event may wait in the spool.
    pub(crate) waiting: Duration,
    /// How many bytes may wait there.
    pub(crate) spool_bytes: u64,
}

/// Whether an event would be durable now, and what is not as it should be, in words.
pub(crate) fn durable(chain: &Chain, bounds: Bounds) -> (bool, Vec<String>) {
    let Chain {
        journal,
        store,
        mirror,
        broker,
        dlq,
        ..
    } = chain;
    let mut troubles = Vec::new();
    let broker_takes = broker.as_ref().map(|broker| asks(broker, &mut troubles));
    let journal_takes = journal
        .as_ref()
        .map(|journal| writes(journal, "journal", &mut troubles));
    let store_takes = store.as_ref().map(|store| keeps(store, &mut troubles));
    let spool_takes = dlq
        .as_ref()
        .is_some_and(|dlq| spills(dlq, bounds, broker_takes == Some(false), &mut troubles));
    if let Some(mirror) = mirror {
        writes(mirror, "mirror", &mut troubles);
    }
    let end = broker_takes.or(journal_takes).or(store_takes);
    // A chain that forgets by choice takes everything.
    let takes = end.is_none_or(|end| end || spool_takes);
    let enough = match bounds.ready {
        ReadyRequires::Broker => broker_takes.unwrap_or(true),
        ReadyRequires::Durable => true,
    };
    if end.is_none() {
        troubles.push("events are accepted and forgotten".to_owned());
    }
    (takes && enough, troubles)
}

fn asks(broker: &Broker, troubles: &mut Vec<String>) -> bool {
    let (trouble, takes) = match (broker.trouble(), broker.sink.debug_state()) {
        (Some(why), _) => (Some(format!("the broker is away: {why}")), false),
        (None, BreakerState::Reconnecting { .. }) => {
            (Some("the broker does not answer".to_owned()), false)
        }
        (None, BreakerState::Config { reason }) => (Some(reason), true),
        (None, BreakerState::Connected) => (None, true),
    };
    troubles.extend(trouble);
    takes
}

fn keeps(store: &Store, troubles: &mut Vec<String>) -> bool {
    let trouble = store.failure().map(|error| chained(&error));
    let takes = trouble.is_none();
    troubles.extend(trouble.map(|why| format!("the store takes no events: {why}")));
    takes
}

fn writes(journal: &Journal, name: &str, troubles: &mut Vec<String>) -> bool {
    let trouble = match journal.status().state {
        State::Ok => return true,
        State::Failed { reason } => format!("the {name} refuses events: {reason}"),
        _ => format!("the {name} is closed"),
    };
    troubles.push(trouble);
    false
}

fn spills(dlq: &Dlq, bounds: Bounds, destination_away: bool, troubles: &mut Vec<String>) -> bool {
    let spool = dlq.status().spool;
    if let Some(age) = spool.waiting.oldest_age.filter(|age| *age > bounds.waiting) {
        let age = humantime::format_duration(Duration::from_secs(age.as_secs()));
        troubles.push(format!("an event has waited for {age}"));
    }
    let in_vain = !destination_away && spool.waiting.oldest_age.is_some_and(|age| age > PATIENCE);
    let stuck = if in_vain { spool.waiting.records } else { 0 };
    for (records, what) in [
        (stuck, "waiting although the destination answers"),
        (
            spool.set_aside.records,
            "set aside until somebody changes something",
        ),
        (spool.dead.records, "dead"),
    ] {
        if records > 0 {
            let events = if records == 1 {
                "event is"
            } else {
                "events are"
            };
            troubles.push(format!("{records} {events} {what}: consign dlq ls"));
        }
    }
    let damaged = spool.quarantine.ranges;
    if damaged > 0 {
        let what = "ranges of the spool were damaged on disk and are in its quarantine";
        troubles.push(format!("{damaged} {what}: consign verify"));
    }
    let trouble = match spool.state {
        SpoolState::Ok if spool.waiting.bytes.saturating_add(SMALL) > bounds.spool_bytes => {
            "the spool is full".to_owned()
        }
        SpoolState::Ok => return true,
        SpoolState::Failed { reason } => format!("the spool refuses events: {reason}"),
        _ => "the spool is closed".to_owned(),
    };
    troubles.push(trouble);
    false
}

/// How long an event may wait for a destination that answers before it counts as stuck.
const PATIENCE: Duration = Duration::from_secs(5);

/// About what a small event takes.
const SMALL: u64 = 2 << 10;
