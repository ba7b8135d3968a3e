//! The daemon's own logs.

use std::io::IsTerminal as _;
use std::sync::OnceLock;

use tracing::{error, info};
use tracing_subscriber::layer::Layer as _;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Registry, reload};

use crate::exit::{Exit, Failure};
use crate::settings::{Log, LogFormat};

/// Sends the logs to standard error: text on a terminal, else one JSON object a line.
///
/// # Errors
/// [`Exit::Config`] where the filter is malformed or logging is set up already.
pub fn start(log: &Log) -> Result<(), Failure> {
    let (filter, handle) = reload::Layer::new(filter(log)?);
    let text = match log.format {
        LogFormat::Text => true,
        LogFormat::Json => false,
        LogFormat::Auto => std::io::stderr().is_terminal(),
    };
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let layer = if text {
        let layer = layer.with_ansi(std::io::stderr().is_terminal());
        layer.with_filter(filter).boxed()
    } else {
        let layer = layer.json().flatten_event(true);
        layer.with_filter(filter).boxed()
    };
    let started = tracing_subscriber::registry().with(layer).try_init();
    started.map_err(|error| Failure::new(Exit::Config, "start logging").because(error))?;
    // Logging starts once in a process, as the line above made sure.
    FILTER.get_or_init(|| handle);
    Ok(())
}

/// Has another filter count from now on, where logging was started here.
pub(crate) fn filter_anew(log: &Log) {
    let Some(handle) = FILTER.get() else { return };
    match filter(log) {
        Ok(filter) => match handle.reload(filter) {
            Ok(()) => info!(filter = log.filter.as_str(), "log filter"),
            Err(error) => error!(%error, "the log filter stays as it was"),
        },
        Err(failure) => error!(%failure, "the log filter stays as it was"),
    }
}

/// What the client tells of each attempt to connect, the status and readiness tell once.
fn filter(log: &Log) -> Result<EnvFilter, Failure> {
    EnvFilter::try_new(format!("{QUIET},{}", log.filter.as_str()))
        .map_err(|error| Failure::new(Exit::Config, "parse CONSIGN_LOG").because(error))
}

/// The one filter of the process, to be exchanged.
static FILTER: OnceLock<reload::Handle<EnvFilter, Registry>> = OnceLock::new();

/// Before the filter of the settings, which can say otherwise.
const QUIET: &str = "async_nats=off";
