use std::sync::Arc;

use events_core::{Event, EventSink, EventSinkExt as _};
use tokio::time::timeout;

use super::answers::oversized;
use super::{Features, LeafUnderTest};
use crate::Failure;
use crate::canary::{self, Said};
use crate::log::Log;

/// No value of an event appears in an error, an outcome, the sink's Debug or Display, or the log:
/// not while it is stored, refused for its length, or unreachable.
///
/// The log is heard on this thread, so run it on a current-thread runtime (`#[tokio::test]`).
///
/// # Errors
/// Names the places where the canary was seen.
pub async fn errors_debug_and_log_stay_silent(
    leaf: &mut impl LeafUnderTest,
    features: Features,
) -> Result<(), Failure> {
    let log = Log::listen();
    let mut said = Said::default();
    let sink = leaf.open().await;
    offer(&sink, vec![canary::event()], &mut said).await;
    if let Some(bound) = features.max_event_bytes {
        let long = oversized(bound)?.to_event();
        let mut long = long.map_err(|_| Failure::new("a sample does not read back"))?;
        long.set_id(canary::event().id().clone());
        offer(&sink, vec![long], &mut said).await;
    }
    if let Some(within) = features.unreachable_within {
        leaf.cut_off().await;
        let offered = offer(&sink, vec![canary::event()], &mut said);
        // Coming late is another check's business.
        timeout(within, offered).await.ok();
    }
    said.by(&sink);
    said.add("the log", log.text());
    said.nothing()
}

async fn offer(sink: &Arc<dyn EventSink>, events: Vec<Event>, said: &mut Said) {
    let mut sealed = Vec::new();
    for result in sink.seal(events) {
        match result {
            Ok(event) => sealed.push(event),
            Err(error) => said.in_error(&error),
        }
    }
    said.in_results(&sink.deliver(&sealed).await);
    said.by(sink);
}
