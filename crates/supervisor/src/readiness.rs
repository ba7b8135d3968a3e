use std::time::Duration;

use events_core::chained;
use events_runtime::Need;
use sink_dlq::{Dlq, State as SpoolState};
use sink_jetstream::BreakerState;
use sink_jsonl::{Journal, State};
use sink_store::Store;

use crate::broker::Broker;
use crate::chain::{Chain, Lane};
use crate::plan::End;
use crate::settings::{ReadyRequires, SinkKind};

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
    let mut troubles = Vec::new();
    let mut broker_takes = true;
    let mut takes = |need| {
        let lanes = chain
            .lanes
            .iter()
            .filter(move |lane| lane.branch.need == need);
        let takes = lanes.map(|lane| {
            let end = end_takes(chain, lane, &mut troubles);
            if lane.branch.end == End::Sink(SinkKind::JetStream) {
                broker_takes = end;
            }
            let spools = chain.lanes.iter().filter(|lane| lane.dlq.is_some()).count();
            let spool = lane.dlq.as_ref().is_some_and(|dlq| {
                let mut found = Vec::new();
                let takes = spills(dlq, bounds, !end, &mut found);
                let name = lane.branch.end.name();
                let named = |trouble: String| match spools {
                    1 => trouble,
                    _ => format!("{name}: {trouble}"),
                };
                troubles.extend(found.into_iter().map(named));
                takes
            });
            // A chain that forgets by choice takes everything.
            end || spool
        });
        takes.collect::<Vec<bool>>()
    };
    let required = takes(Need::Required);
    let one_of = takes(Need::OneOf);
    takes(Need::BestEffort);
    let durable =
        required.iter().all(|takes| *takes) && (one_of.is_empty() || one_of.contains(&true));
    let enough = match bounds.ready {
        ReadyRequires::Broker => broker_takes,
        ReadyRequires::Durable => true,
    };
    if !chain.lanes.iter().any(|lane| lane.keeps) {
        troubles.push("events are accepted and forgotten".to_owned());
    }
    (durable && enough, troubles)
}

/// Whether the end of a lane takes events now.
fn end_takes(chain: &Chain, lane: &Lane, troubles: &mut Vec<String>) -> bool {
    let Chain {
        journal,
        store,
        mirror,
        broker,
        ..
    } = chain;
    let found = match &lane.branch.end {
        End::Sink(SinkKind::JetStream) => broker.as_ref().map(|broker| asks(broker, troubles)),
        End::Sink(SinkKind::Store) => store.as_ref().map(|store| keeps(store, troubles)),
        End::Sink(SinkKind::Journal) => {
            let writes = |journal| writes(journal, "journal", troubles);
            journal.as_ref().map(writes)
        }
        End::Mirror(_) => {
            let writes = |mirror| writes(mirror, "mirror", troubles);
            mirror.as_ref().map(writes)
        }
        End::Kubernetes | End::Sink(SinkKind::Log | SinkKind::Noop) => None,
    };
    found.unwrap_or(true)
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
