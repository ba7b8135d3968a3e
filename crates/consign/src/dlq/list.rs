use std::time::Duration;

use clap::Args;
use events_http::{DlqPage, DlqQuery, DlqSummary};
use supervisor::exit::{Exit, Failure};

use super::choice::{self, Filter};
use super::source::Spool;
use crate::human::{age, clock, counted, safe, size};
use crate::output::{Format, Output};
use crate::table::{Column, Table};

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  consign dlq ls --area dead\n  consign dlq ls --subject 'consign.audit.>' -o name"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    filter: Filter,
    /// Begin after this record.
    #[arg(long, value_name = "ID", value_parser = choice::id)]
    after: Option<u64>,
    /// How many records at most.
    #[arg(long, value_name = "N", default_value = "100",
        value_parser = clap::value_parser!(u16).range(1..=1000))]
    limit: u16,
    #[command(flatten)]
    spool: Spool,
}

pub(super) async fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    let query = DlqQuery {
        after: arguments.after,
        limit: arguments.limit.into(),
        ..arguments.filter.query()
    };
    let page = arguments.spool.open(output)?.list(&query).await?;
    match output.format() {
        Format::Json => output.json(&page)?,
        Format::Name => {
            for record in &page.records {
                output.line(&id_text(record.id))?;
            }
        }
        Format::Table => {
            table(&page.records, output).print(output)?;
            output.note(&summed_up(&page));
        }
    }
    Ok(Exit::Done)
}

/// Records as a table.
pub(super) fn table(records: &[DlqSummary], output: &Output) -> Table {
    let mut columns = vec![
        Column::Text("ID"),
        Column::Text("AREA"),
        Column::Text("FIRST FAILED"),
        Column::Number("ATTEMPTS"),
        Column::Text("KIND"),
        Column::Text("REASON"),
        Column::Text("SUBJECT"),
        Column::Text("TYPE"),
        Column::Number("SIZE"),
    ];
    let of_several = records.iter().any(is_of_several);
    if of_several {
        columns.insert(2, Column::Text("SINK"));
    }
    if output.is_wide() {
        columns.extend(["TENANT", "SOURCE", "EVENT ID", "LAST FAILED"].map(Column::Text));
    }
    let mut table = Table::new(&columns);
    for record in records {
        let mut cells = vec![
            id_text(record.id),
            record.area.as_str().to_owned(),
            clock(&record.first_failed),
            record.attempts.to_string(),
            record.kind.to_string(),
            record.reason.clone(),
            record.subject.clone(),
            record.event_type.clone(),
            size(record.bytes),
        ];
        if of_several {
            cells.insert(2, record.sink.clone().unwrap_or_default());
        }
        if output.is_wide() {
            cells.extend([
                record.tenant.clone(),
                record.source.clone(),
                record.event_id.clone(),
                clock(&record.last_failed),
            ]);
        }
        table.row(&cells);
    }
    table
}

/// Whether it waits in a second spool, for one of several sinks.
fn is_of_several(record: &DlqSummary) -> bool {
    record.sink.is_some() && record.id >= FURTHER
}

/// An id in the width that all have.
pub(super) fn id_text(id: u64) -> String {
    format!("{id:020}")
}

fn summed_up(page: &DlqPage) -> String {
    let mut text = format!("{} shown", counted(page.records.len() as u64, "record"));
    match &page.totals {
        Some(totals) if totals.waiting + totals.set_aside + totals.dead == 0 => {
            return "the spool is empty".to_owned();
        }
        Some(totals) => text.push_str(&format!(
            "; {} waiting, {} set aside, {} dead; {}, oldest {}",
            totals.waiting,
            totals.set_aside,
            totals.dead,
            size(totals.bytes),
            age(Duration::from_secs(totals.oldest_age_s)),
        )),
        None if page.records.is_empty() => {
            return "the spool has no record that this token may see".to_owned();
        }
        None => text.push_str(", of those that this token may see"),
    }
    let next = match (page.next, page.records.first()) {
        (Some(next), _) => format!("consign dlq ls --after {next}"),
        (None, Some(first)) => format!("consign dlq show {}", first.id),
        (None, None) => "consign dlq ls".to_owned(),
    };
    text.push_str("  ·  next: ");
    text.push_str(&safe(&next));
    text
}

/// Where the ids of a second spool begin.
const FURTHER: u64 = 10_000_000_000_000_000_000;
