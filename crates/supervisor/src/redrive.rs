use std::path::Path;
use std::sync::Arc;

use events_core::chained;
use events_http::{DlqReport, DlqSelection};

use crate::compose::{composed, routes};
use crate::data_dir::DataDir;
use crate::dead_letters::{reported, selection};
use crate::exit::{Exit, Failure};
use crate::plan::Plan;
use crate::settings::{DlqMode, Redrive, Settings};
use crate::spool::Waiting;

/// Delivers records of the spool in `dir` anew without a supervisor, to the sink it stands before
/// in the chain that `settings` ask for, and ends. Nothing else is redriven meanwhile.
///
/// # Errors
/// What keeps the chain from being composed, such as a supervisor that holds the spool;
/// [`Exit::Unreachable`] where the broker does not answer.
pub async fn redrive(
    mut settings: Settings,
    dir: &Path,
    which: &DlqSelection,
) -> Result<DlqReport, Failure> {
    settings.dlq.mode = DlqMode::File;
    settings.dlq.redrive = Redrive::Manual;
    let plan = Plan::of(&settings).narrowed(dir).ok_or_else(|| {
        let what = format!("no sink of this chain has the spool in {}", dir.display());
        Failure::new(Exit::Config, what)
            .try_next("name its sink: CONSIGN_SINK, CONSIGN_NATS_URL, CONSIGN_STORE_URL")
    })?;
    let _held = DataDir::open(&settings.data_dir)?;
    let routes = Arc::new(routes(&settings)?);
    let chain = composed(&settings, &routes, plan).await?;
    if let Some(broker) = &chain.broker {
        let patience = settings.nats.connect_timeout;
        if !broker.sink.wait_connected(patience).await {
            let why = broker.trouble().unwrap_or_default();
            return Err(Failure::new(Exit::Unreachable, "connect to the broker")
                .because(why)
                .try_next("start the broker, or look at CONSIGN_NATS_URL"));
        }
    }
    let Some(Waiting { dlq, .. }) = chain.spools().into_iter().next() else {
        let what = "a chain that forgets events has no spool";
        return Err(Failure::new(Exit::Config, what));
    };
    let report = dlq.redrive(selection(which)).await;
    let closed = chain.close(settings.shutdown_grace).await;
    let report = report.map_err(|error| {
        Failure::new(Exit::Storage, "redrive the spool").because(chained(&error))
    })?;
    if !closed {
        return Err(Failure::new(Exit::Storage, "close the spool"));
    }
    Ok(reported(&report))
}
