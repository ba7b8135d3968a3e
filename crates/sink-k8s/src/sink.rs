use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use events_core::{Draft, EventSink, Outcome, Place, SinkError, WireEvent};
use kube_client::Client;
use tokio::sync::{mpsc, oneshot};

use crate::api::Events;
use crate::counts::{Counts, Dropped, Tally};
use crate::notice::Notice;
use crate::worker::{Job, Worker};
use crate::{Config, Regarding, Selection, connect};

/// Tells Kubernetes of selected events, as far as it listens.
///
/// Best effort: it answers every event at once, whatever becomes of it, and says nothing of custody
/// (see [`deliver`](EventSink::deliver)). In a fan-out it is a best-effort child. A clone is the
/// same sink.
#[derive(Clone, Debug)]
pub struct K8sSink {
    pod: Regarding,
    selection: Selection,
    jobs: mpsc::Sender<Job>,
    tally: Arc<Tally>,
}

impl K8sSink {
    /// A sink that reaches the API server from inside the cluster, as the pod's service account.
    /// Its token and the cluster's certificates are read again when they change.
    ///
    /// # Errors
    /// `Config` where this is no pod, or its service account's files cannot be used.
    ///
    /// # Panics
    /// Outside a Tokio runtime.
    pub fn in_cluster(config: Config) -> Result<Self, SinkError> {
        Self::connect(connect::cluster()?, config)
    }

    /// A sink that reaches the API server at `url`, such as `http://127.0.0.1:8001`, where
    /// `kubectl proxy` serves. It is asked without a token.
    ///
    /// # Errors
    /// `Config` for what is no URL. It is not repeated.
    ///
    /// # Panics
    /// Outside a Tokio runtime.
    pub fn at(url: &str, config: Config) -> Result<Self, SinkError> {
        Self::connect(connect::named(url)?, config)
    }

    /// A sink that reaches the API `server`. Its connect timeout and its retries become the
    /// sink's own.
    ///
    /// Where the process has no default rustls provider yet, ring becomes it.
    ///
    /// # Errors
    /// `Config` where no client can be made of what `server` says.
    ///
    /// # Panics
    /// Outside a Tokio runtime.
    pub fn connect(server: kube_client::Config, config: Config) -> Result<Self, SinkError> {
        let client = connect::client(server, config.timeout)?;
        Ok(Self::new(client, config))
    }

    /// A sink over a client of one's own. Its task ends after the last clone of the sink is gone.
    ///
    /// # Panics
    /// Outside a Tokio runtime.
    #[must_use]
    pub fn new(client: Client, config: Config) -> Self {
        let (jobs, queue) = mpsc::channel(config.queue.max(1));
        let tally = Arc::<Tally>::default();
        let sink = Self {
            pod: config.pod.clone(),
            selection: config.selection.clone(),
            jobs,
            tally: Arc::clone(&tally),
        };
        let events = Events::new(client, config.pod.namespace(), config.timeout);
        tokio::spawn(Worker::new(config, events, queue, tally).run());
        sink
    }

    /// What became of the events so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.tally.now()
    }

    /// Waits until Kubernetes was told of all that was delivered before, or could not be. Give it a
    /// deadline of your own.
    ///
    /// # Cancel safety
    /// Dropping the future cancels the waiting alone.
    pub async fn flush(&self) {
        let (done, waits) = oneshot::channel();
        if self.jobs.send(Job::Flush(done)).await.is_ok() {
            // The worker is gone where nobody answers, and then there is nothing to wait for.
            waits.await.ok();
        }
    }

    fn tell(&self, event: &WireEvent) {
        if !self.selection.takes(event.attributes()) {
            return;
        }
        // First the room, so that a flood costs nothing.
        match self.jobs.try_reserve() {
            Ok(room) => room.send(Job::Tell(Box::new(Notice::of(event, &self.pod)))),
            Err(_) => self.tally.dropped(Dropped::QueueFull, 1),
        }
    }
}

#[async_trait]
impl EventSink for K8sSink {
    fn prepare(&self, _drafts: &mut [Draft]) {}

    /// Queues what is selected, and answers at once: `Delivered` with a receipt for
    /// [`Place::Noop`], which survives nothing. An event's number is not kept by that.
    async fn deliver(&self, events: &[WireEvent]) -> Vec<Result<Outcome, SinkError>> {
        events.iter().for_each(|event| self.tell(event));
        // Not `delivered`: that would tell a signer that somebody has the event.
        let passed = |event| Ok(Outcome::delivered_before(event, Place::Noop));
        events.iter().map(passed).collect()
    }
}

impl fmt::Display for K8sSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("k8s")
    }
}
