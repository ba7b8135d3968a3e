mod urn;
mod waves;

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use events_core::subject::Routes;
use events_core::{Event, Extension, ExtensionName, Problem, SinkError, TenantId, Violations};
use events_http::{Accepted, Intake};
use events_runtime::Emitter;

use self::waves::cuts;
use crate::metrics::Metrics;
use crate::traces::{Journey, Traces};

/// Where every event comes in, whichever way it came: over HTTP or on standard input.
///
/// Gives an event that names no tenant the configured one, and refuses one that has no subject.
/// Without a broker nothing publishes to subjects, yet an event must not become undeliverable on
/// the day a broker is added.
#[derive(Clone, Debug)]
pub(crate) struct Custody {
    emitter: Emitter,
    routes: Arc<Routes>,
    tenant: TenantId,
    metrics: Arc<Metrics>,
    traces: Traces,
    /// The source that nobody from outside may speak for.
    reserved: Option<Arc<str>>,
}

impl Custody {
    /// Custody by way of `emitter`, for events that `routes` lead somewhere.
    #[must_use]
    pub(crate) fn new(
        emitter: Emitter,
        routes: Arc<Routes>,
        tenant: TenantId,
        metrics: Arc<Metrics>,
        traces: Traces,
    ) -> Self {
        Self {
            emitter,
            routes,
            tenant,
            metrics,
            traces,
            reserved: None,
        }
    }

    /// The same for those outside: it refuses events of `source`, which is the daemon's own. A URI's
    /// scheme and a URN's namespace know no case, so none counts.
    #[must_use]
    pub(crate) fn reserving(&self, source: Option<&str>) -> Self {
        Self {
            reserved: source.map(Arc::from),
            ..self.clone()
        }
    }

    /// Takes custody of a batch, in order. One result for each event.
    ///
    /// The batch goes on in waves, so that it proves itself; see [`cuts`].
    ///
    /// # Cancel safety
    /// Events that were handed on stay in custody when the future is dropped.
    pub(crate) async fn take(&self, events: Vec<Event>) -> Vec<Result<Accepted, SinkError>> {
        let mut places = Vec::with_capacity(events.len());
        let mut wanted = Vec::with_capacity(events.len());
        let mut chains = Vec::with_capacity(events.len());
        let mut journeys = Vec::with_capacity(events.len());
        for event in events {
            places.push(self.admit(event).map(|(event, chain, journey)| {
                wanted.push(event);
                chains.push(chain);
                journeys.push(journey);
            }));
        }
        let mut waves = Vec::new();
        for cut in cuts(&chains).into_iter().rev() {
            waves.push(wanted.split_off(cut));
        }
        waves.push(wanted);
        let mut results = Vec::with_capacity(places.len());
        for wave in waves.into_iter().rev() {
            let handed_over = Instant::now();
            results.extend(self.emitter.emit_all(wave).await);
            self.metrics.emitted(handed_over.elapsed());
        }
        let mut results = results.into_iter();
        let mut journeys = journeys.into_iter();
        let mut next = |()| {
            let result = results.next().unwrap_or_else(|| Err(unanswered()));
            if let Some(journey) = journeys.next() {
                journey.end(&result);
            }
            result.map(|stored| Accepted::new(stored.event, stored.outcome))
        };
        let results: Vec<_> = places
            .into_iter()
            .map(|place| place.and_then(&mut next))
            .collect();
        for accepted in results.iter().flatten() {
            self.metrics.stored(accepted.outcome());
        }
        results
    }

    /// The event with its tenant, the chain it will be numbered in, and its way from here.
    fn admit(&self, mut event: Event) -> Result<(Event, Chain, Journey), SinkError> {
        let source = event.source().as_str();
        if self
            .reserved
            .as_ref()
            .is_some_and(|own| urn::are_equivalent(own, source))
        {
            let problem = Problem::MustBe("another: this one is the supervisor's own");
            return Err(SinkError::invalid(Violations::one("source", problem)));
        }
        let named = TenantId::named_by(&event);
        if matches!(named, Ok(None)) {
            let name = const { ExtensionName::from_static(TenantId::ATTRIBUTE) };
            event.set_extension(name, Extension::String(self.tenant.as_str().into()));
        }
        // Comes first, since it names what is wrong with type and tenant together.
        let (route, _) = self.routes.resolve(&event).map_err(SinkError::invalid)?;
        let tenant = named.map_err(SinkError::invalid)?.unwrap_or(self.tenant);
        let chain = (route.name().to_owned(), tenant);
        let journey = self.traces.begin(&mut event, route);
        Ok((event, chain, journey))
    }
}

/// Route and tenant.
type Chain = (String, TenantId);

#[async_trait]
impl Intake for Custody {
    async fn accept(&self, events: Vec<Event>) -> Vec<Result<Accepted, SinkError>> {
        self.take(events).await
    }
}

fn unanswered() -> SinkError {
    SinkError::new(
        events_core::ErrorKind::Unavailable,
        "get an answer from the emitter",
    )
}
