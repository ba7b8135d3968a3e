//! The broker's streams.

mod ensure;

use clap::Subcommand;
use supervisor::exit::{Exit, Failure};

use crate::broker::BrokerArguments;
use crate::client::block_on;
use crate::output::Output;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make missing streams and change what is safe; exit 3 when something is left to you.
    Ensure(ensure::Arguments),
}

pub(crate) fn run(
    command: &Command,
    broker: &BrokerArguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    block_on(async {
        let broker = broker.reach().await?;
        match command {
            Command::Ensure(arguments) => ensure::run(arguments, &broker, output).await,
        }
    })
}

/// A failure to do `what` with the streams.
fn failed(what: &str, error: streams::StreamsError) -> Failure {
    let exit = if error.is_transient() {
        Exit::Unreachable
    } else {
        Exit::Failed
    };
    let advice = error.advice();
    Failure::new(exit, what).because(error).try_next(advice)
}
