use clap::Args;
use clap_complete::ArgValueCandidates;
use events_core::subject::SubjectPattern;
use serde_json::json;
use streams::{StreamName, look};
use supervisor::Reached;
use supervisor::exit::{Exit, Failure};

use super::{failed, found};
use crate::completion;
use crate::human::{count, counted};
use crate::output::{Format, Output};
use crate::table::{Column, Table};

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  consign stream subjects CONSIGN_EVENTS --sort name")]
pub(crate) struct Arguments {
    /// The stream.
    #[arg(add = ArgValueCandidates::new(completion::streams))]
    stream: StreamName,
    /// Only these subjects.
    #[arg(long, visible_alias = "filter", value_name = "PATTERN")]
    subject: Option<SubjectPattern>,
    /// What to sort by.
    #[arg(long, value_enum, default_value = "messages")]
    sort: Sort,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
enum Sort {
    /// The fullest first.
    Messages,
    /// By name.
    Name,
}

/// Counts the messages of each subject: all of them, or an error.
pub(super) async fn run(
    arguments: &Arguments,
    broker: &Reached,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let (js, name) = (&broker.jetstream, &arguments.stream);
    found(broker, name).await?;
    let all = look::subjects(js, name, arguments.subject.as_ref()).await;
    let all = all.map_err(|error| failed("count the subjects", error))?;
    let mut all: Vec<(String, u64)> = all.into_iter().collect();
    if arguments.sort == Sort::Messages {
        all.sort_by_key(|(_, messages)| std::cmp::Reverse(*messages));
    }
    match output.format() {
        Format::Json => {
            let items: Vec<_> = all
                .iter()
                .map(|(subject, messages)| json!({ "subject": subject, "messages": messages }))
                .collect();
            output.json(&json!({ "kind": "SubjectList", "stream": name, "items": items }))?;
        }
        Format::Name => {
            for (subject, _) in &all {
                output.line(&crate::human::safe(subject))?;
            }
        }
        Format::Table => {
            let mut table = Table::new(&[Column::Text("SUBJECT"), Column::Number("MSGS")]);
            for (subject, messages) in &all {
                table.row(&[subject.clone(), count(*messages)]);
            }
            table.print(output)?;
            let messages: u64 = all.iter().map(|(_, messages)| messages).sum();
            let subjects = counted(all.len() as u64, "subject");
            output.note(&format!("{subjects}, {}", counted(messages, "message")));
        }
    }
    Ok(Exit::Done)
}
