//! What the daemon tells of itself: `node.joined`, `node.health` and `node.left`, through its own
//! chain and only where it has a name.

mod counts;
mod health;

use std::sync::Arc;
use std::time::Duration;

use events_bus::{Lifecycle, NodeJoined, NodeLeft, Origin};
use events_core::{SinkError, chained};
use tokio::task::{AbortHandle, JoinHandle};
use tokio::time::{Instant, sleep};
use tracing::{debug, warn};

pub(crate) use self::counts::Counts;
use self::health::Report;
use crate::custody::Custody;
use crate::settings::{HealthEvery, Node as Settings};
use crate::status::Health;

/// A daemon that has a name and tells of itself.
///
/// It is never a burden: it hands over one event at a time, and what comes due while the last one
/// is not stored is skipped and counted.
#[derive(Debug)]
pub(crate) struct Node {
    teller: Teller,
    telling: AbortHandle,
}

#[derive(Clone, Debug)]
struct Teller {
    origin: Origin,
    custody: Custody,
    counts: Arc<Counts>,
}

impl Node {
    /// Tells that the daemon joined with these capabilities, and then how it is; `None` where it
    /// has no name.
    pub(crate) fn join(
        settings: &Settings,
        custody: Custody,
        health: Arc<Health>,
        counts: Arc<Counts>,
        capabilities: Vec<String>,
    ) -> Option<Self> {
        let origin = settings.name.as_ref()?.origin().clone();
        let teller = Teller {
            origin,
            custody,
            counts,
        };
        let telling = tell_all(
            teller.clone(),
            NodeJoined { capabilities },
            health,
            settings.health_every,
        );
        let telling = tokio::spawn(telling).abort_handle();
        Some(Self { teller, telling })
    }

    /// Tells why it leaves, and nothing after that. Completes when that is stored, or cannot be.
    pub(crate) fn leave(self, reason: &str) -> JoinHandle<()> {
        self.telling.abort();
        let reason = reason.to_owned();
        let left = NodeLeft { reason };
        tokio::spawn(async move { self.teller.tell(&left).await })
    }
}

impl Teller {
    async fn tell<L: Lifecycle + Sync>(&self, data: &L) {
        let result = match self.origin.event(data) {
            Ok(event) => self.custody.take(vec![event]).await.pop(),
            Err(violations) => Some(Err(SinkError::invalid(violations))),
        };
        match result {
            Some(Ok(_)) => {
                self.counts.stored();
                debug!(kind = L::TYPE, "told of this node");
            }
            Some(Err(error)) => {
                self.counts.refused();
                warn!(kind = L::TYPE, error = %chained(&error), "cannot tell of this node");
            }
            None => {}
        }
    }
}

/// Tells that it joined, then how it is: when it is time, and when it changed.
async fn tell_all(teller: Teller, joined: NodeJoined, health: Arc<Health>, every: HealthEvery) {
    let first = teller.clone();
    let mut last = tokio::spawn(async move { first.tell(&joined).await });
    let HealthEvery::Every(every) = every else {
        return;
    };
    let mut told = Report::of(&health).status();
    let mut due = Instant::now() + every;
    loop {
        sleep(every.min(LOOK)).await;
        let report = Report::of(&health);
        if report.status() == told && Instant::now() < due {
            continue;
        }
        due = Instant::now() + every;
        if !last.is_finished() {
            teller.counts.skipped();
            continue;
        }
        told = report.status();
        let teller = teller.clone();
        last = tokio::spawn(async move { teller.tell(&report.into_event()).await });
    }
}

/// How often it is looked whether anything changed.
const LOOK: Duration = Duration::from_secs(1);
