use std::fmt;

use async_trait::async_trait;
use events_core::{Draft, EventSink, Outcome, Place, SinkError, WireEvent, each};

use crate::Bus;

/// Around a chain, `bus(…)`: what the chain took custody of is heard by those who subscribed.
/// Without one, `bus`: a leaf, to stand in a fan-out beside those that store.
#[async_trait]
impl EventSink for Bus {
    /// Refuses, besides what the chain refuses, an event that has no subject to be heard on.
    fn prepare(&self, drafts: &mut [Draft]) {
        if let Some(chain) = self.chain() {
            chain.prepare(drafts);
        }
        each(drafts, |event| {
            let route = self.routes().route_of(event);
            route.map(drop).map_err(SinkError::invalid)
        });
    }

    /// The chain's results. Waits for it, then for subscribers that may be waited for.
    async fn deliver(&self, events: &[WireEvent]) -> Vec<Result<Outcome, SinkError>> {
        let Some(chain) = self.chain() else {
            self.hear(events).await;
            return events.iter().map(passed_on).collect();
        };
        let results = chain.deliver(events).await;
        if self.hears_its_own() {
            let results = results.iter().map(|result| result.as_ref().ok());
            let stored = events.iter().zip(results);
            let stored = stored.filter(|(_, outcome)| outcome.is_some());
            self.publish(stored).await;
        }
        results
    }
}

impl fmt::Display for Bus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.chain() {
            Some(chain) => write!(f, "bus({chain})"),
            None => f.write_str("bus"),
        }
    }
}

/// Subscribers keep nothing, so the event's number must not count as kept for their sake.
fn passed_on(event: &WireEvent) -> Result<Outcome, SinkError> {
    Ok(Outcome::delivered_before(event, Place::Noop))
}
