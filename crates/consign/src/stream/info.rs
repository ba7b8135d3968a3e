use clap::Args;
use clap_complete::ArgValueCandidates;
use serde_json::{Value, json};
use streams::look::{self, ConsumerInfo, StreamInfo};
use streams::{StreamName, StreamReport, StreamSpec};
use supervisor::Reached;
use supervisor::exit::{Exit, Failure};

use super::{failed, found, verify};
use crate::completion;
use crate::consumer;
use crate::human::{count, moment, safe, size};
use crate::output::{Format, Output};
use crate::table::{Column, Table};

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  consign stream info CONSIGN_AUDIT")]
pub(crate) struct Arguments {
    /// The stream.
    #[arg(add = ArgValueCandidates::new(completion::streams))]
    stream: StreamName,
}

/// Shows one stream whole: its settings beside those that are declared, what it holds, who reads
/// it, and what is wrong with it.
pub(super) async fn run(
    arguments: &Arguments,
    broker: &Reached,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let (js, name) = (&broker.jetstream, &arguments.stream);
    let info = found(broker, name).await?;
    let spec = broker.topology.stream(name.as_str());
    let consumers = look::consumers(js, name.as_str()).await;
    let consumers = consumers.map_err(|error| failed("list its consumers", error))?;
    let reports = streams::inspect(js, &broker.topology, &broker.policy).await;
    let reports = reports.map_err(|error| failed("look at the stream", error))?;
    let report = reports.into_iter().find(|report| report.name == *name);
    match output.format() {
        Format::Json => output.json(&document(&info, spec, report.as_ref(), &consumers.items))?,
        Format::Name => output.line(name.as_str())?,
        Format::Table => {
            print(&info, output)?;
            settings(&info, spec).print(output)?;
            if let Some(report) = &report {
                output.line("")?;
                verify::print(report, output)?;
            }
            if !consumers.items.is_empty() {
                output.line("")?;
            }
            consumer::table(&consumers.items).print(output)?;
        }
    }
    Ok(Exit::Done)
}

fn print(info: &StreamInfo, output: &mut Output) -> Result<(), Failure> {
    let held = &info.contents;
    let time = |time: Option<_>| time.map_or_else(|| "—".to_owned(), moment);
    let sequences = format!(
        "{} … {}",
        count(held.first_sequence),
        count(held.last_sequence)
    );
    for (what, value) in [
        ("STREAM", info.name().to_owned()),
        ("CREATED", moment(info.created)),
        ("LEADER", info.leader().unwrap_or("—").to_owned()),
        (
            "MESSAGES",
            format!("{} ({})", count(held.messages), size(held.bytes)),
        ),
        (
            "SEQUENCES",
            format!("{sequences}, {} of them gone", count(held.deleted)),
        ),
        (
            "STORED",
            format!("{} … {}", time(held.first_time()), time(held.last_time())),
        ),
        ("SUBJECTS", count(held.subjects)),
        ("CONSUMERS", count(held.consumers)),
    ] {
        output.line(&format!("{what:<9}  {}", safe(&value)))?;
    }
    output.line("")
}

/// What it is beside what it should be.
fn settings(info: &StreamInfo, spec: Option<&StreamSpec>) -> Table {
    let mut table = Table::new(&[
        Column::Text("SETTING"),
        Column::Text("IS"),
        Column::Text("DECLARED"),
    ]);
    let declared = spec.map(StreamSpec::settings).unwrap_or_default();
    for (place, (setting, is)) in info.settings().into_iter().enumerate() {
        let asked = declared.get(place).map(|(_, asked)| asked.clone());
        let asked = match asked {
            Some(asked) if asked == is => "same".to_owned(),
            Some(asked) => asked,
            None => "—".to_owned(),
        };
        table.row(&[setting.to_owned(), is, asked]);
    }
    table
}

fn document(
    info: &StreamInfo,
    spec: Option<&StreamSpec>,
    report: Option<&StreamReport>,
    consumers: &[ConsumerInfo],
) -> Value {
    json!({
        "kind": "Stream",
        "name": info.name(),
        "created": info.created,
        "leader": info.leader(),
        "config": info,
        "declared": spec,
        "contents": info.contents,
        "first_time": info.contents.first_time(),
        "last_time": info.contents.last_time(),
        "state": report.map(|report| report.state),
        "findings": report.map_or(&[][..], |report| &report.findings),
        "consumers": consumers,
    })
}
