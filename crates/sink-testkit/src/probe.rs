use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use events_core::{
    Draft, ErrorKind, Event, EventSink, Extension, ExtensionName, Outcome, SinkError, WireEvent,
};

use crate::{FlakySink, Step};

/// The innermost sink of a wrapper under test: marks what it prepares, records what it is asked.
///
/// Each `prepare` counts up the extension [`MARK`](Self::MARK) of every draft that is not refused
/// yet. `deliver` goes by a script, see [`FlakySink`]. Clones share everything. Display prints
/// `probe`.
#[derive(Clone)]
pub struct ProbeSink {
    leaf: FlakySink,
    refused_ids: Arc<HashSet<String>>,
    prepared: Arc<Mutex<Vec<Event>>>,
}

impl ProbeSink {
    /// The extension attribute that counts how often an event was prepared here.
    pub const MARK: &str = "probed";

    /// A probe that takes one step of the script for each event it is to deliver.
    #[must_use]
    pub fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Self {
            leaf: FlakySink::script_per_event(steps),
            refused_ids: Arc::default(),
            prepared: Arc::default(),
        }
    }

    /// A probe that refuses, while preparing, the events of these ids.
    #[must_use]
    pub fn refusing<const N: usize>(ids: [&str; N]) -> Self {
        Self {
            refused_ids: Arc::new(ids.map(str::to_owned).into()),
            ..Self::new([])
        }
    }

    /// The events it was to prepare, as they came.
    #[must_use]
    pub fn prepared(&self) -> Vec<Event> {
        self.lock().clone()
    }

    /// The events it was to deliver, in order, whatever it answered.
    #[must_use]
    pub fn delivered(&self) -> Vec<WireEvent> {
        self.leaf.calls().concat()
    }

    /// How often it prepared the event.
    #[must_use]
    pub fn marks(event: &Event) -> i32 {
        match event.extension(Self::MARK) {
            Some(Extension::Integer(count)) => *count,
            _ => 0,
        }
    }

    /// The error of the drafts it refuses.
    pub(crate) fn refusal() -> SinkError {
        SinkError::new(ErrorKind::Rejected, "prepare what the probe refuses")
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Event>> {
        self.prepared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl EventSink for ProbeSink {
    fn prepare(&self, drafts: &mut [Draft]) {
        events_core::each(drafts, |event| {
            self.lock().push(event.clone());
            if self.refused_ids.contains(event.id().as_str()) {
                return Err(Self::refusal());
            }
            let count = Extension::Integer(Self::marks(event) + 1);
            event.set_extension(ExtensionName::from_static(Self::MARK), count);
            Ok(())
        });
    }

    async fn deliver(&self, events: &[WireEvent]) -> Vec<Result<Outcome, SinkError>> {
        self.leaf.deliver(events).await
    }
}

/// Silent, since the ids to refuse are values of events.
impl fmt::Debug for ProbeSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProbeSink")
    }
}

impl fmt::Display for ProbeSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("probe")
    }
}

#[cfg(test)]
mod tests {
    use events_core::{ErrorKind, EventSinkExt as _, SinkError};

    use super::ProbeSink;
    use crate::event;

    #[test]
    fn it_counts_what_it_prepares_and_refuses_what_it_is_told_to() {
        let probe = ProbeSink::refusing(["2"]);
        let sealed = probe.seal(vec![event("1", "a"), event("2", "b")]);
        assert_eq!(
            ProbeSink::marks(sealed[0].as_ref().unwrap().attributes()),
            1
        );
        let kind = sealed[1].as_ref().map_err(SinkError::kind).unwrap_err();
        assert_eq!(kind, ErrorKind::Rejected);
        assert_eq!(probe.prepared().len(), 2);
    }
}
