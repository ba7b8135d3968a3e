use clap::{Parser, Subcommand};

use crate::broker::BrokerArguments;
use crate::output::Format;
use crate::{config, consumer, dlq, doctor, event, key, status, stream, verify};

/// See what Consign keeps, prove it, and make events and keys.
///
/// Exit codes: 0 done, 1 failed, 2 usage, 3 findings, 69 unreachable, 74 storage failed,
/// 75 the data directory is held by another process, 78 configuration.
#[derive(Debug, Parser)]
#[command(
    name = "consign",
    version,
    propagate_version = true,
    max_term_width = 100
)]
pub(crate) struct Cli {
    /// How to print results.
    #[arg(
        short,
        long,
        global = true,
        value_enum,
        default_value = "table",
        alias = "format"
    )]
    pub(crate) output: Format,

    #[command(flatten)]
    pub(crate) broker: BrokerArguments,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Say how a supervisor and its broker are: chain, circuit, spool and streams.
    Status(status::Arguments),
    /// Check everything that can be, and say what to do about it; exit 3 for findings.
    Doctor(doctor::Arguments),
    /// See the broker's streams, and make them as they should be.
    #[command(subcommand, visible_alias = "str")]
    Stream(stream::Command),
    /// The same as `stream ls`.
    Streams(stream::list::Arguments),
    /// The same as `stream purge`.
    Purge(stream::purge::Arguments),
    /// See who reads the streams, and how far they are.
    #[command(subcommand, visible_alias = "con")]
    Consumer(consumer::Command),
    /// The same as `consumer ls`.
    Consumers(consumer::list::Arguments),
    /// Look at events that could not be delivered, and deliver, export or drop them.
    #[command(subcommand)]
    Dlq(dlq::Command),
    /// Prove that stored events are as they were signed, and that none is missing.
    Verify(verify::Arguments),
    /// Make and look at signing keys.
    #[command(subcommand)]
    Key(key::Command),
    /// Make, check and convert events.
    #[command(subcommand)]
    Event(event::Command),
    /// Show, explain and check the configuration.
    #[command(subcommand)]
    Config(config::Command),
}
