//! The daemon's own logs.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::exit::{Exit, Failure};
use crate::settings::{Log, LogFormat};

/// Sends the logs to standard error: text on a terminal, else one JSON object a line.
///
/// # Errors
/// [`Exit::Config`] where the filter is malformed or logging is set up already.
pub fn start(log: &Log) -> Result<(), Failure> {
    // What the client tells of each attempt to connect, the status and readiness tell once.
    let filter = format!("{QUIET},{}", log.filter.as_str());
    let filter = EnvFilter::try_new(filter)
        .map_err(|error| Failure::new(Exit::Config, "parse CONSIGN_LOG").because(error))?;
    let text = match log.format {
        LogFormat::Text => true,
        LogFormat::Json => false,
        LogFormat::Auto => std::io::stderr().is_terminal(),
    };
    let registry = tracing_subscriber::registry().with(filter);
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let started = if text {
        registry
            .with(layer.with_ansi(std::io::stderr().is_terminal()))
            .try_init()
    } else {
        registry.with(layer.json().flatten_event(true)).try_init()
    };
    started.map_err(|error| Failure::new(Exit::Config, "start logging").because(error))
}

/// Before the filter of the settings, which can say otherwise.
const QUIET: &str = "async_nats=off";
