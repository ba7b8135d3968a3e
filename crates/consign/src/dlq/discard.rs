use std::collections::BTreeSet;

use clap::Args;
use events_http::DlqSummary;
use serde_json::json;
use supervisor::exit::{Exit, Failure};

use super::choice::Choice;
use super::list::{id_text, table};
use super::source::{Chosen, Spool};
use crate::confirm;
use crate::human::{clock, counted, safe, size};
use crate::output::{Format, Output};

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  consign dlq drop --area dead --type demo.hello --dry-run")]
pub(crate) struct Arguments {
    #[command(flatten)]
    choice: Choice,
    /// Do not ask; needed where nobody can answer.
    #[arg(long, visible_alias = "force", short = 'f')]
    yes: bool,
    /// Only show what would go.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    spool: Spool,
}

pub(super) async fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    let which = arguments.choice.explicit("drop")?;
    let source = match arguments.dry_run {
        true => arguments.spool.open(output)?,
        false => arguments.spool.hold(output)?,
    };
    let offline = arguments.spool.dir.is_some();
    let Chosen { records, missing } = source.chosen(&which).await?;
    for &id in &missing {
        output.note(&format!("no record has the id {id}"));
    }
    if records.is_empty() {
        output.note("there is nothing to drop");
        return Ok(if missing.is_empty() {
            Exit::Done
        } else {
            Exit::Failed
        });
    }
    if arguments.dry_run {
        table(&records, output).print(output)?;
        output.note(&what_would_go(&records, offline));
        output.note("nothing was done");
        return Ok(Exit::Done);
    }
    if !arguments.yes {
        output.insist(&what_would_go(&records, offline));
        let word = word(&records);
        confirm::typed(&word, &word, "drop records", output)?;
    }
    let mut dropped = Vec::new();
    for record in &records {
        if source.discard(record.id).await? {
            dropped.push(id_text(record.id));
        } else {
            output.note(&format!("record {} was gone already", record.id));
        }
    }
    match output.format() {
        Format::Json => output.json(&json!({ "kind": "DlqDropped", "items": dropped }))?,
        Format::Name => {
            for id in &dropped {
                output.line(id)?;
            }
        }
        Format::Table => output.line(&format!(
            "dropped {}",
            counted(dropped.len() as u64, "record")
        ))?,
    }
    let whole = dropped.len() == records.len() && missing.is_empty();
    Ok(if whole { Exit::Done } else { Exit::Failed })
}

fn what_would_go(records: &[DlqSummary], offline: bool) -> String {
    let subjects: BTreeSet<&str> = records
        .iter()
        .map(|record| record.subject.as_str())
        .collect();
    let bytes = records.iter().map(|record| record.bytes).sum();
    let named: Vec<String> = subjects
        .iter()
        .take(SUBJECTS)
        .map(|subject| safe(subject))
        .collect();
    let more = match subjects.len().saturating_sub(SUBJECTS) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let oldest = records.iter().map(|record| &record.first_failed).min();
    let newest = records.iter().map(|record| &record.first_failed).max();
    let at = |time: Option<&String>| time.map_or_else(String::new, |time| clock(time));
    // A supervisor has its signer declare the numbers of what it drops; here there is none.
    let hole = if offline {
        "\nWithout a supervisor `consign verify` will find their numbers missing."
    } else {
        ""
    };
    format!(
        "This deletes {} ({}), first failed {} … {}.\nSubjects: {}{more}.\n\
         The events are delivered nowhere. This cannot be undone.{hole}",
        counted(records.len() as u64, "record"),
        size(bytes),
        at(oldest),
        at(newest),
        named.join(", "),
    )
}

/// What has to be typed: a single record's id, else `all`.
fn word(records: &[DlqSummary]) -> String {
    match records {
        [one] => one.id.to_string(),
        _ => "all".to_owned(),
    }
}

const SUBJECTS: usize = 5;
