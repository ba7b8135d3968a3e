//! The whole command line.

#[cfg(test)]
mod page;
#[cfg(test)]
mod tests;

use clap::{Parser, Subcommand};

use crate::broker::BrokerArguments;
use crate::output::OutputArguments;
use crate::{
    bench, completion, config, consumer, context, dlq, doctor, event, help, key, man, publish,
    replay, status, stream, subscribe, verify,
};

/// See what Consign keeps, prove it, and make events and keys.
///
/// Exit codes: 0 done, 1 failed, 2 usage, 3 findings, 69 unreachable, 74 storage failed,
/// 75 the data directory is held by another process, 78 configuration, 130 interrupted, 141 nobody
/// reads the results any more.
#[derive(Debug, Parser)]
#[command(
    name = "consign",
    version,
    propagate_version = true,
    max_term_width = 100,
    // Ours knows topics too.
    disable_help_subcommand = true,
    after_help = "Examples:\n  consign status\n  consign dlq ls\n  consign help exit-codes"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) output: OutputArguments,

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
    /// Watch events as they come, and those that came before.
    #[command(visible_aliases = ["sub", "tail"])]
    Subscribe(subscribe::Arguments),
    /// Make an event and publish it, or events from standard input; each is acknowledged.
    #[command(visible_alias = "pub")]
    Publish(publish::Arguments),
    /// Print what was stored, or hand it over once more.
    Replay(replay::Arguments),
    /// Look at events that could not be delivered, and deliver, export or drop them.
    #[command(subcommand)]
    Dlq(dlq::Command),
    /// Hand over events at a steady rate or flat out, and say what arrives, and how soon.
    Bench(bench::Arguments),
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
    /// Keep and choose natscli's contexts: named ways to reach a broker.
    #[command(subcommand, visible_alias = "ctx")]
    Context(context::Command),
    /// Print what a shell needs to complete command lines.
    Completion(completion::Arguments),
    /// Print the manual page, or write a page for every command.
    Man(man::Arguments),
    /// Say which release this is.
    #[command(after_help = "Examples:\n  consign version\n  consign version -o json")]
    Version,
    /// Explain a command, or a topic: exit-codes, environment, time, output.
    Help(help::Arguments),
}
