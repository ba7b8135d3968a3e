use clap::Args;
use clap_complete::ArgValueCandidates;
use serde_json::json;
use streams::{StreamName, look};
use supervisor::Reached;
use supervisor::exit::{Exit, Failure};

use super::table;
use crate::completion;
use crate::human::safe;
use crate::output::{Format, Output};
use crate::stream::failed;

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  consign consumers\n  consign consumer ls CONSIGN_EVENTS")]
pub(crate) struct Arguments {
    /// Only the consumers of this stream.
    #[arg(add = ArgValueCandidates::new(completion::streams))]
    stream: Option<StreamName>,
}

/// Lists the consumers of one stream, or of every stream of the broker.
pub(crate) async fn run(
    arguments: &Arguments,
    broker: &Reached,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let js = &broker.jetstream;
    let streams = match &arguments.stream {
        Some(stream) => vec![stream.to_string()],
        None => {
            let all = look::streams(js).await;
            let all = all.map_err(|error| failed("list the streams", error))?;
            for silent in &all.silent {
                output.note(&safe(&format!("stream {silent} has no leader to ask")));
            }
            all.items
                .iter()
                .map(|info| info.name().to_owned())
                .collect()
        }
    };
    let mut consumers = Vec::new();
    for stream in &streams {
        let found = look::consumers(js, stream).await;
        let found = found.map_err(|error| failed("list the consumers", error))?;
        for silent in &found.silent {
            let line = format!("consumer {silent} of {stream} has no leader to ask");
            output.note(&safe(&line));
        }
        consumers.extend(found.items);
    }
    match output.format() {
        Format::Json => output.json(&json!({ "kind": "ConsumerList", "items": consumers }))?,
        Format::Name => {
            for consumer in &consumers {
                output.line(&safe(&format!("{} {}", consumer.stream, consumer.name)))?;
            }
        }
        Format::Table => {
            table(&consumers).print(output)?;
            if consumers.is_empty() {
                output.note("no consumers");
            }
        }
    }
    Ok(Exit::Done)
}
