use clap::Args;
use events_http::DlqEntry;
use supervisor::exit::{Exit, Failure};

use super::choice;
use super::list::id_text;
use super::source::Spool;
use crate::human::{age, safe, safe_json, since, size};
use crate::output::{Format, Output};

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  consign dlq show 7\n  consign dlq show 7 -o json")]
pub(crate) struct Arguments {
    /// The record, as `consign dlq ls` shows it.
    #[arg(value_name = "ID", value_parser = choice::id)]
    id: u64,
    #[command(flatten)]
    spool: Spool,
}

pub(super) async fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    let entry = arguments.spool.open(output)?.show(arguments.id).await?;
    let entry = entry.ok_or_else(|| missing(arguments.id))?;
    match output.format() {
        Format::Name => output.line(&id_text(arguments.id))?,
        Format::Json => {
            let text = entry
                .to_json()
                .map_err(|error| Failure::new(Exit::Failed, "write JSON").because(error))?;
            output.foreign_json(&text)?;
        }
        Format::Table => print(&entry, output)?,
    }
    Ok(Exit::Done)
}

/// No record has this id.
pub(super) fn missing(id: u64) -> Failure {
    Failure::new(Exit::Failed, format!("find record {id} in the spool"))
        .because("no record has this id; it may have been delivered by now")
        .try_next("consign dlq ls")
}

fn print(entry: &DlqEntry, output: &mut Output) -> Result<(), Failure> {
    let record = &entry.summary;
    let failed = |at: &str| match since(at) {
        Some(ago) => format!("{at} ({} ago)", age(ago)),
        None => at.to_owned(),
    };
    for (name, value) in [
        ("ID", id_text(record.id)),
        ("AREA", record.area.as_str().to_owned()),
        ("SUBJECT", record.subject.clone()),
        ("TENANT", record.tenant.clone()),
        ("TYPE", record.event_type.clone()),
        ("SOURCE", record.source.clone()),
        ("EVENT ID", record.event_id.clone()),
        ("KIND", record.kind.to_string()),
        ("REASON", record.reason.clone()),
        ("ATTEMPTS", record.attempts.to_string()),
        ("FIRST FAILED", failed(&record.first_failed)),
        ("LAST FAILED", failed(&record.last_failed)),
        ("SIZE", size(record.bytes)),
        (
            "PLACE",
            format!("{} at {}", record.place.segment, record.place.offset),
        ),
    ] {
        output.line(format!("{name:<12}  {}", safe(&value)).trim_end())?;
    }
    output.line("")?;
    output.line(&safe_json(&String::from_utf8_lossy(&entry.event)))
}
