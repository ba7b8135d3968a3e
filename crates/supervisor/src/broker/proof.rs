use streams::{Code, StreamReport, Topology};

use super::Broker;
use super::care::Care;
use crate::exit::{Exit, Failure};
use crate::settings::{OnConnectFail, Settings};

/// Makes sure of what the settings require before the start goes on.
///
/// # Errors
/// [`Exit::Unreachable`] without a connection, [`Exit::Config`] where the streams would not keep
/// what they acknowledge.
pub(super) async fn prove(
    settings: &Settings,
    broker: &Broker,
    care: &Care,
) -> Result<(), Failure> {
    let required = settings.nats.require_jetstream;
    if !required && settings.nats.on_connect_fail != OnConnectFail::Fail {
        return Ok(());
    }
    connected(settings, broker).await?;
    if !required {
        return Ok(());
    }
    let found = care.once().await.map_err(|error| {
        let advice = error.advice();
        Failure::new(Exit::Unreachable, "prove the streams")
            .because(error)
            .try_next(advice)
    })?;
    let lacking: Vec<String> = found
        .iter()
        .filter(|report| lacks(report, settings, &care.topology))
        .flat_map(said)
        .collect();
    if lacking.is_empty() {
        return Ok(());
    }
    Err(Failure::new(Exit::Config, "prove the streams")
        .because(lacking.join("\ncause: "))
        .try_next("CONSIGN_STREAMS=ensure, or mend the streams by hand"))
}

async fn connected(settings: &Settings, broker: &Broker) -> Result<(), Failure> {
    if broker.connects_within(settings.nats.connect_timeout).await {
        return Ok(());
    }
    let why = broker.trouble().unwrap_or_default();
    Err(Failure::new(Exit::Unreachable, "connect to the broker")
        .because(why)
        .try_next(
            "start the broker, or leave CONSIGN_REQUIRE_JETSTREAM and CONSIGN_ON_CONNECT_FAIL \
             out: events then wait on disk",
        ))
}

/// Whether a stream that is needed would not keep what it acknowledges.
///
/// With the built-in routes a class of events that is never used needs no stream; only where all
/// other types go is always needed. Routes of one's own are all meant.
fn lacks(report: &StreamReport, settings: &Settings, topology: &Topology) -> bool {
    let missing = report
        .findings
        .iter()
        .any(|finding| finding.code == Code::Missing);
    let main = topology.main();
    let spare = settings.routes.is_none()
        && settings.streams.file.is_none()
        && main.is_none_or(|main| main.name != report.name);
    let excused = missing && spare;
    !report.has_custody() && !excused
}

fn said(report: &StreamReport) -> impl Iterator<Item = String> {
    let denying = report.findings.iter().filter(|f| f.code.denies_custody());
    denying.map(|finding| format!("{}: {}", report.name, finding.text))
}
