//! The consumers of the broker's streams.

mod info;
pub(crate) mod list;

use clap::Subcommand;
use streams::look::ConsumerInfo;
use supervisor::exit::{Exit, Failure};

use crate::broker::BrokerArguments;
use crate::client::block_on;
use crate::human::count;
use crate::output::Output;
use crate::table::{Column, Table};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the consumers of one stream, or of all.
    #[command(visible_alias = "list")]
    Ls(list::Arguments),
    /// Show one consumer whole.
    Info(info::Arguments),
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
        }
    })
}

/// Consumers, a row each.
pub(crate) fn table(consumers: &[ConsumerInfo]) -> Table {
    let mut table = Table::new(&[
        Column::Text("STREAM"),
        Column::Text("CONSUMER"),
        Column::Text("MODE"),
        Column::Text("ACK"),
        Column::Text("FILTER"),
        Column::Number("PENDING"),
        Column::Number("UNACKED"),
        Column::Number("REDELIVERED"),
        Column::Number("ACK FLOOR"),
    ]);
    for consumer in consumers {
        let filters = consumer.filters().join(" ");
        table.row(&[
            consumer.stream.clone(),
            consumer.name.clone(),
            mode(consumer),
            consumer.ack_policy().to_owned(),
            if filters.is_empty() {
                ">".to_owned()
            } else {
                filters
            },
            count(consumer.pending),
            count(consumer.unacknowledged),
            count(consumer.redelivered),
            count(consumer.ack_floor.stream_sequence),
        ]);
    }
    table
}

fn mode(consumer: &ConsumerInfo) -> String {
    let kind = if consumer.is_push() { "push" } else { "pull" };
    let stays = if consumer.is_durable() {
        ""
    } else {
        " ephemeral"
    };
    let held = if consumer.paused { " PAUSED" } else { "" };
    format!("{kind}{stays}{held}")
}
