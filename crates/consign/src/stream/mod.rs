//! The broker's streams.

mod ensure;
mod info;
pub(crate) mod list;
pub(crate) mod purge;
mod subjects;
pub(crate) mod survey;
mod verify;

use clap::Subcommand;
use streams::look::{self, StreamInfo};
use streams::{StreamName, StreamsError};
use supervisor::Reached;
use supervisor::exit::{Exit, Failure};

use crate::broker::BrokerArguments;
use crate::client::block_on;
use crate::output::Output;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the streams that the settings want, and the others of the broker.
    #[command(visible_alias = "list")]
    Ls(list::Arguments),
    /// Show one stream whole, what is declared beside what is.
    Info(info::Arguments),
    /// Count the messages of each subject.
    Subjects(subjects::Arguments),
    /// Say what breaks a guarantee; exit 3 when anything does.
    Verify(verify::Arguments),
    /// Make missing streams and change what is safe; exit 3 when something is left to you.
    Ensure(ensure::Arguments),
    /// Delete what a stream holds.
    Purge(purge::Arguments),
}

pub(crate) fn run(
    command: &Command,
    broker: &BrokerArguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    block_on(async {
        let broker = broker.reach().await?;
        match command {
            Command::Ls(arguments) => list::run(arguments, &broker, output).await,
            Command::Info(arguments) => info::run(arguments, &broker, output).await,
            Command::Subjects(arguments) => subjects::run(arguments, &broker, output).await,
            Command::Verify(arguments) => verify::run(arguments, &broker, output).await,
            Command::Ensure(arguments) => ensure::run(arguments, &broker, output).await,
            Command::Purge(arguments) => purge::run(arguments, &broker, output).await,
        }
    })
}

/// The stream of this name.
///
/// # Errors
/// There is none, which says what to type.
async fn found(broker: &Reached, name: &StreamName) -> Result<StreamInfo, Failure> {
    let found = look::stream(&broker.jetstream, name).await;
    let found = found.map_err(|error| failed("look at the stream", error))?;
    found.ok_or_else(|| {
        let next = match broker.topology.stream(name.as_str()) {
            Some(_) => "consign stream ensure",
            None => "consign stream ls",
        };
        Failure::new(Exit::Failed, format!("find the stream {name}"))
            .because(format!("there is none on {}", broker.server.url))
            .try_next(next)
    })
}

/// A failure to do `what` with the streams.
pub(crate) fn failed(what: &str, error: StreamsError) -> Failure {
    let exit = if error.is_transient() {
        Exit::Unreachable
    } else {
        Exit::Failed
    };
    let advice = error.advice();
    let failure = Failure::new(exit, what);
    let failure = match error.is_leaderless() {
        true => failure.because(in_words(&error)),
        false => failure.because(error),
    };
    failure.try_next(advice)
}

/// An error in words, with those that stand out first.
pub(crate) fn in_words(error: &StreamsError) -> String {
    match error.is_leaderless() {
        true => format!("{NO_LEADER}: {error}"),
        false => error.to_string(),
    }
}

/// A cluster, or a stream of it, that nobody leads.
pub(crate) const NO_LEADER: &str = "NO LEADER";
