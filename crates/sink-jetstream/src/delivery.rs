use std::pin::pin;

use events_core::{ErrorKind, Outcome, SinkError, WireEvent};
use tokio::sync::{MutexGuard, SemaphorePermit};
use tokio::time::{Instant, timeout_at};

use crate::captures::Capture;
use crate::cause::Cause;
use crate::compose;
use crate::core::{Core, failed};
use crate::flight::{Expected, Flight};
use crate::gate::Pass;
use crate::in_flight::{InFlight, Landed};
use crate::{Link, Message, PublishError};

/// Publishes a batch in order, as far as the window allows, while the answers come in.
pub(crate) async fn deliver(core: &Core, events: &[WireEvent]) -> Vec<Result<Outcome, SinkError>> {
    let mut results: Vec<Option<Result<Outcome, SinkError>>> = Vec::new();
    results.resize_with(events.len(), || None);
    let mut note = |(index, result): Landed| {
        core.counters.result(&result);
        if let Some(place) = results.get_mut(index) {
            *place = Some(result);
        }
    };
    let mut flights = InFlight::default();
    let mut deadline = None;
    let turn = take_turn(core).await;
    for (index, event) in events.iter().enumerate() {
        // Those in flight must land while this one waits for their place.
        let prepared = {
            let mut prepared = pin!(Prepared::new(core, event, &mut deadline));
            loop {
                tokio::select! {
                    biased;
                    prepared = &mut prepared => break prepared,
                    Some(landed) = flights.next() => note(landed),
                }
            }
        };
        let is_probe = match prepared {
            Ok(prepared) => {
                let flight = prepared.take_off(core, event, index).await;
                let is_probe = flight.is_probe();
                flights.push(flight);
                is_probe
            }
            Err(error) => {
                note((index, Err(error)));
                false
            }
        };
        // While one probes nobody else is let through: what becomes of it decides for the rest.
        while is_probe && let Some(landed) = flights.next().await {
            note(landed);
        }
    }
    drop(turn);
    while let Some(landed) = flights.next().await {
        note(landed);
    }
    let unanswered = || SinkError::new(ErrorKind::Unavailable, "publish to jetstream");
    let results = results.into_iter();
    results
        .map(|result| result.unwrap_or_else(|| Err(unanswered())))
        .collect()
}

/// Waits until earlier batches are handed over: a full window would let later ones in between.
/// `None` where that takes too long, or nothing is published anyway; order is for when all is well.
async fn take_turn(core: &Core) -> Option<MutexGuard<'_, ()>> {
    let now = Instant::now();
    if core.gate.waiting(now.into_std()).is_some() {
        return None;
    }
    let until = now + core.config.window_timeout;
    timeout_at(until, core.turn.lock()).await.ok()
}

/// An event that may be published now.
struct Prepared<'a> {
    message: Message,
    expected: Expected<'a>,
    pass: Pass,
    link: Link,
    slot: SemaphorePermit<'a>,
}

impl<'a> Prepared<'a> {
    async fn new(
        core: &'a Core,
        event: &WireEvent,
        deadline: &mut Option<Instant>,
    ) -> Result<Self, SinkError> {
        let resolved = core.routes.resolve(event.attributes());
        let (route, subject) = resolved.map_err(SinkError::invalid)?;
        let (mut pass, mut link) = core.enter()?;
        let expected = match core.config.streams.get(route.name()) {
            Some(stream) => Expected::Named(stream),
            None => match core.capture(&subject, &link).await {
                Capture::By(facts) if facts.no_ack => {
                    let stream = facts.name.clone();
                    return Err(core.mistaken(&subject, Cause::NoAck { stream }));
                }
                Capture::By(facts) => Expected::Told(facts),
                Capture::Nobody => Expected::Nobody,
                Capture::Unknown | Capture::Untold => Expected::Unknown,
            },
        };
        let message = compose::message(event, subject, core.config.mode, expected.stream())?;
        if let Some(limit) = link.max_payload
            && message.size() > limit
        {
            let size = message.size();
            return Err(failed(ErrorKind::Rejected, Cause::TooLarge { size, limit }));
        }
        let slot = match core.window.try_acquire() {
            Ok(slot) => slot,
            Err(_) => {
                drop(pass);
                let slot = wait_for_slot(core, deadline).await?;
                (pass, link) = core.enter()?;
                slot
            }
        };
        Ok(Self {
            message,
            expected,
            pass,
            link,
            slot,
        })
    }

    async fn take_off(self, core: &'a Core, event: &'a WireEvent, index: usize) -> Flight<'a> {
        let subject = self.message.subject.clone();
        let payload = self.message.payload.clone();
        let since = Instant::now();
        let until = since + core.config.ack_timeout;
        core.counters.published();
        let handed_over = timeout_at(until, core.publisher.publish(self.message));
        let pending = handed_over.await.unwrap_or(Err(PublishError::TimedOut));
        Flight {
            core,
            index,
            event,
            subject,
            payload,
            expected: self.expected,
            generation: self.link.generation,
            pending,
            since,
            until,
            pass: self.pass,
            slot: self.slot,
        }
    }
}

/// Waits for a place in the window. One patience is all that a batch has, from its last place on.
async fn wait_for_slot<'a>(
    core: &'a Core,
    deadline: &mut Option<Instant>,
) -> Result<SemaphorePermit<'a>, SinkError> {
    let until = *deadline.get_or_insert_with(|| Instant::now() + core.config.window_timeout);
    match timeout_at(until, core.window.acquire()).await {
        Ok(Ok(slot)) => {
            *deadline = None;
            Ok(slot)
        }
        Ok(Err(_)) | Err(_) => {
            let cause = Cause::WindowFull(core.config.window);
            Err(failed(ErrorKind::Saturated, cause))
        }
    }
}
