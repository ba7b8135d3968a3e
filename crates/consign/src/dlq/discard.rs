use std::collections::BTreeSet;
use std::io::{self, BufRead, IsTerminal as _};

use clap::Args;
use events_http::DlqSummary;
use serde_json::json;
use supervisor::exit::{Exit, Failure};

use super::choice::Choice;
use super::list::{id_text, table};
use super::source::{Chosen, Spool};
use crate::human::{clock, counted, safe, size};
use crate::output::{Format, Output};

#[derive(Args, Debug)]
#[command(after_help = "Example:\n  consign dlq drop --area dead --type demo.hello --dry-run")]
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
    let source = arguments.spool.open(output)?;
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
        table(&records).print(output)?;
        output.note(&what_would_go(&records, offline));
        output.note("nothing was done");
        return Ok(Exit::Done);
    }
    if !arguments.yes {
        output.note(&what_would_go(&records, offline));
        confirm(&records, output)?;
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

/// Has somebody at a terminal type what is to go.
fn confirm(records: &[DlqSummary], output: &mut Output) -> Result<(), Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::new(Exit::Usage, "drop records unasked")
            .because("standard input is no terminal, so nobody can confirm it")
            .try_next("the same with --yes, or with --dry-run first"));
    }
    let wanted = word(records);
    output.note(&format!("Type {wanted} to continue:"));
    if is_typed(&wanted, io::stdin().lock()) {
        Ok(())
    } else {
        Err(Failure::new(Exit::Failed, "drop records").because("it was not confirmed"))
    }
}

/// What has to be typed: a single record's id, else `all`.
fn word(records: &[DlqSummary]) -> String {
    match records {
        [one] => one.id.to_string(),
        _ => "all".to_owned(),
    }
}

fn is_typed(wanted: &str, from: impl BufRead) -> bool {
    let mut line = String::new();
    let read = from.take(80).read_line(&mut line).is_ok();
    let typed = line.trim();
    let digits = |text: &str| text.trim_start_matches('0').to_owned();
    read && !typed.is_empty()
        && (typed == wanted || (wanted != "all" && digits(typed) == digits(wanted)))
}

const SUBJECTS: usize = 5;

#[cfg(test)]
mod tests {
    use super::is_typed;

    #[test]
    fn only_the_word_itself_confirms() {
        for (wanted, typed, good) in [
            ("all", "all\n", true),
            ("all", "", false),
            ("all", "y\n", false),
            ("all", "ALL\n", false),
            ("7", "7\n", true),
            ("7", "00000000000000000007\n", true),
            ("7", "all\n", false),
            ("7", "77\n", false),
            ("0", "\n", false),
        ] {
            assert_eq!(is_typed(wanted, typed.as_bytes()), good, "{wanted} {typed}");
        }
    }
}
