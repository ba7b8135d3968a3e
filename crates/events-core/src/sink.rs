use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use crate::event::{Extension, ExtensionName};
use crate::time::Timestamp;
use crate::{
    Event, Outcome, Problem, SinkError, TenantId, Violation, Violations, WireEvent, is_ours,
};

/// An event on its way through [`EventSink::prepare`]: still wanted, or refused.
pub type Draft = Result<Event, SinkError>;

/// A place events go to, or a wrapper around one. The port of the whole system, for implementors;
/// users call [`EventSinkExt`].
///
/// Sinks nest: `dlq(sign(redact(jetstream)))`. The two phases run through the nest in opposite
/// directions. `prepare` composes like mathematics, innermost first, so that example redacts and
/// then signs. `deliver` works like middleware, outermost first, and every layer sees the very
/// same bytes. Wrapped the other way round, `redact(sign(…))`, the redactor would break what was
/// just signed, and every event would fail to verify.
///
/// There are no default bodies: a wrapper that forgets a phase does not compile.
/// [`Display`](fmt::Display) prints the nest, inner sinks in parentheses.
#[async_trait]
pub trait EventSink: fmt::Display + fmt::Debug + Send + Sync + 'static {
    /// Brings events into the form that leaves the process. No I/O, no waiting.
    ///
    /// A wrapper calls its inner sink first. A draft that becomes `Err` is refused, alone:
    /// nothing of it may be written anywhere. A draft that is `Err` already stays as it is.
    fn prepare(&self, drafts: &mut [Draft]);

    /// Stores the bytes durably, in the given order, and returns one result for each event.
    ///
    /// `Ok` means acknowledged by the destination or fsynced. Idempotent by the events'
    /// [identity](WireEvent::message_id) where the destination can tell.
    ///
    /// # Cancel safety
    /// Dropping the future leaves each record whole or absent, and which of the two is unknown.
    async fn deliver(&self, events: &[WireEvent]) -> Vec<Result<Outcome, SinkError>>;
}

/// What users call on any sink. Implemented for all of them and not to be overridden.
pub trait EventSinkExt: EventSink {
    /// Prepares events and encodes each once: the only way into the form that leaves the process.
    ///
    /// First gives an event without `time` one (UTC, microseconds), resolves its tenant (extension
    /// `tenantid`, else `tenantId` of its JSON data, else `single`) and refuses attributes that
    /// only Consign sets; then [`prepare`](EventSink::prepare)s. One result for each event.
    fn seal(&self, events: Vec<Event>) -> Vec<Result<WireEvent, SinkError>> {
        let mut drafts: Vec<Draft> = events.into_iter().map(begin).collect();
        let refusals: Vec<Option<SinkError>> = drafts
            .iter()
            .map(|draft| draft.as_ref().err().cloned())
            .collect();
        self.prepare(&mut drafts);
        let sealed = drafts
            .into_iter()
            .zip(refusals)
            .map(|(draft, refusal)| match refusal {
                // No sink can take back a refusal.
                Some(error) => Err(error),
                None => draft.and_then(WireEvent::encode),
            });
        sealed.collect()
    }

    /// Seals and delivers one event.
    ///
    /// # Errors
    /// The refusal of either phase; see [`ErrorKind`](crate::ErrorKind) for what to do next.
    ///
    /// # Cancel safety
    /// As [`deliver`](EventSink::deliver).
    fn send(&self, event: Event) -> impl Future<Output = Result<Outcome, SinkError>> + Send {
        async {
            let result = self.send_all(vec![event]).await.pop();
            result.unwrap_or_else(|| Err(SinkError::unanswered()))
        }
    }

    /// Seals and delivers a batch, in order. One result for each event, each on its own.
    ///
    /// # Cancel safety
    /// As [`deliver`](EventSink::deliver).
    fn send_all(
        &self,
        events: Vec<Event>,
    ) -> impl Future<Output = Vec<Result<Outcome, SinkError>>> + Send {
        async {
            let mut sealed = Vec::with_capacity(events.len());
            let mut places: Vec<Result<(), SinkError>> = Vec::with_capacity(events.len());
            for result in self.seal(events) {
                places.push(result.map(|event| sealed.push(event)));
            }
            let mut delivered = if sealed.is_empty() {
                Vec::new()
            } else {
                self.deliver(&sealed).await
            }
            .into_iter();
            let mut outcome = |()| {
                delivered
                    .next()
                    .unwrap_or_else(|| Err(SinkError::unanswered()))
            };
            places
                .into_iter()
                .map(|place| place.and_then(&mut outcome))
                .collect()
        }
    }
}

impl<S: EventSink + ?Sized> EventSinkExt for S {}

#[async_trait]
impl<S: EventSink + ?Sized> EventSink for Arc<S> {
    fn prepare(&self, drafts: &mut [Draft]) {
        (**self).prepare(drafts);
    }

    async fn deliver(&self, events: &[WireEvent]) -> Vec<Result<Outcome, SinkError>> {
        (**self).deliver(events).await
    }
}

/// Applies `change` to each draft that is not refused yet; an `Err` refuses that draft alone.
pub fn each(drafts: &mut [Draft], mut change: impl FnMut(&mut Event) -> Result<(), SinkError>) {
    for draft in drafts {
        let refusal = match draft {
            Ok(event) => change(event).err(),
            Err(_) => None,
        };
        if let Some(error) = refusal {
            *draft = Err(error);
        }
    }
}

/// What sealing does before any sink has a say.
fn begin(mut event: Event) -> Draft {
    let ours = event
        .extensions()
        .keys()
        .map(ExtensionName::as_str)
        .filter(|name| is_ours(name));
    let refusal = Problem::MustNot("be set by a host");
    let mut found: Vec<Violation> = ours.map(|name| Violation::new(name, refusal)).collect();
    match TenantId::named_by(&event) {
        Ok(tenant) => {
            if event.extension(TenantId::ATTRIBUTE).is_none() {
                let name = const { ExtensionName::from_static(TenantId::ATTRIBUTE) };
                let tenant = tenant.unwrap_or_default();
                event.set_extension(name, Extension::String(tenant.as_str().into()));
            }
        }
        Err(violations) => found.extend(violations),
    }
    Violations::none_in(found).map_err(SinkError::invalid)?;
    if event.time().is_none() {
        event.set_time(Some(Timestamp::now()));
    }
    Ok(event)
}
