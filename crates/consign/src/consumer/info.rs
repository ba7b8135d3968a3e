use std::time::Duration;

use clap::Args;
use clap_complete::ArgValueCandidates;
use serde_json::Value;
use streams::StreamName;
use streams::look::{self, ConsumerInfo, Reach};
use supervisor::Reached;
use supervisor::exit::{Exit, Failure};

use super::mode;
use crate::completion;
use crate::human::{count, moment, safe};
use crate::output::{Format, Output};
use crate::stream::failed;

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  consign consumer info CONSIGN_EMBED workers")]
pub(crate) struct Arguments {
    /// The stream.
    #[arg(add = ArgValueCandidates::new(completion::streams))]
    stream: StreamName,
    /// The consumer of it.
    consumer: StreamName,
}

/// Shows one consumer whole: how far it is, and its settings as the server has them.
pub(super) async fn run(
    arguments: &Arguments,
    broker: &Reached,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let Arguments { stream, consumer } = arguments;
    let found = look::consumer(&broker.jetstream, stream, consumer).await;
    let found = found.map_err(|error| failed("look at the consumer", error))?;
    let Some(found) = found else {
        return Err(
            Failure::new(Exit::Failed, format!("find the consumer {consumer}"))
                .because(format!(
                    "{stream} has none of this name, or there is no such stream"
                ))
                .try_next(format!(
                    "consign consumer ls {stream}, or consign stream ls"
                )),
        );
    };
    match output.format() {
        Format::Json => output.json(&found)?,
        Format::Name => output.line(&safe(&found.name))?,
        Format::Table => print(&found, output)?,
    }
    Ok(Exit::Done)
}

fn print(consumer: &ConsumerInfo, output: &mut Output) -> Result<(), Failure> {
    for (what, value) in [
        ("CONSUMER", consumer.name.clone()),
        ("STREAM", consumer.stream.clone()),
        ("MODE", mode(consumer)),
        ("CREATED", moment(consumer.created)),
        ("DELIVERED", reach(&consumer.delivered)),
        ("ACK FLOOR", reach(&consumer.ack_floor)),
        ("PENDING", count(consumer.pending)),
        ("UNACKED", count(consumer.unacknowledged)),
        ("REDELIVERED", count(consumer.redelivered)),
        ("WAITING", count(consumer.waiting)),
    ] {
        output.line(&format!("{what:<11}  {}", safe(&value)))?;
    }
    output.line("")?;
    for (setting, value) in &consumer.config {
        let value = match value {
            Value::String(text) => text.clone(),
            time if TIMES.contains(&setting.as_str()) => time_in_words(time),
            other => other.to_string(),
        };
        output.line(&safe(&format!("{setting:<18}  {value}")))?;
    }
    Ok(())
}

/// A time, or several, that the server counts in nanoseconds.
fn time_in_words(value: &Value) -> String {
    if let Value::Array(times) = value {
        let times: Vec<String> = times.iter().map(time_in_words).collect();
        return times.join(" ");
    }
    match value.as_u64() {
        Some(nanos) => humantime::format_duration(Duration::from_nanos(nanos)).to_string(),
        None => value.to_string(),
    }
}

fn reach(reach: &Reach) -> String {
    let sequence = count(reach.stream_sequence);
    match reach.last {
        Some(last) => format!("sequence {sequence}, {}", moment(last)),
        None => format!("sequence {sequence}"),
    }
}

/// The settings that are such times.
const TIMES: [&str; 6] = [
    "ack_wait",
    "backoff",
    "idle_heartbeat",
    "inactive_threshold",
    "max_expires",
    "priority_timeout",
];
