use std::time::Duration;

use async_nats::jetstream::Context;
use sink_jetstream::ConnectionState;
use streams::{Policy, Severity, StreamReport, StreamsError, Topology};
use tokio::sync::watch;
use tokio::time::timeout;
use tracing::{info, warn};

use super::Looked;
use crate::settings::StreamsMode;

/// Looks after the broker's streams: at every connect, and now and then.
#[derive(Clone, Debug)]
pub(super) struct Care {
    pub(super) context: Context,
    pub(super) topology: Topology,
    pub(super) policy: Policy,
    pub(super) mode: StreamsMode,
}

impl Care {
    /// Keeps `looked` up to date for as long as the connection's state is told of.
    pub(super) async fn run(
        self,
        mut state: watch::Receiver<ConnectionState>,
        looked: watch::Sender<Option<Looked>>,
    ) {
        let mut told = Vec::new();
        let mut troubled = None;
        loop {
            if state.wait_for(|state| state.connected).await.is_err() {
                return;
            }
            let generation = state.borrow().generation;
            let pause = match self.once().await {
                Ok(found) => {
                    troubled = None;
                    tell(&found, &mut told);
                    looked.send_replace(Some(Looked::now(found, generation)));
                    EVERY
                }
                Err(error) => {
                    if troubled != Some(error.to_string()) {
                        warn!(%error, advice = error.advice(), "the streams cannot be looked at");
                    }
                    troubled = Some(error.to_string());
                    AGAIN
                }
            };
            let changed = state.wait_for(|state| state.generation != generation);
            // Patience that runs out means: look again.
            if let Ok(Err(_gone)) = timeout(pause, changed).await {
                return;
            }
        }
    }

    /// Makes and changes streams where that is wanted, and says how they are.
    pub(super) async fn once(&self) -> Result<Vec<StreamReport>, StreamsError> {
        if self.mode == StreamsMode::Ensure {
            self.ensure().await?;
        }
        streams::inspect(&self.context, &self.topology, &self.policy).await
    }

    /// Makes and changes what is safe. What is refused shows among the findings, when it matters.
    async fn ensure(&self) -> Result<(), StreamsError> {
        let plan = streams::plan(&self.context, &self.topology).await?;
        if plan.is_idle() {
            return Ok(());
        }
        let applied = streams::apply(&self.context, &plan).await?;
        for stream in &applied.created {
            info!(%stream, "stream made");
        }
        for stream in &applied.updated {
            info!(%stream, "stream changed");
        }
        for (stream, error) in applied.failed {
            // A cluster that has just come up has no leader for a moment.
            if error.is_transient() {
                return Err(error);
            }
            warn!(%stream, %error, advice = error.advice(), "a stream is not as declared");
        }
        Ok(())
    }
}

/// Logs what is new among the findings.
fn tell(found: &[StreamReport], told: &mut Vec<String>) {
    let mut now = Vec::new();
    for report in found {
        for finding in &report.findings {
            let key = format!("{} {}", report.name, finding.code);
            if finding.severity > Severity::Note && !told.contains(&key) {
                let (stream, code) = (&report.name, finding.code);
                warn!(%stream, %code, remedy = finding.remedy, "{}", finding.text);
            }
            now.push(key);
        }
    }
    *told = now;
}

pub(super) const EVERY: Duration = Duration::from_secs(15);
const AGAIN: Duration = Duration::from_secs(2);
