use clap::Args;
use events_core::ErrorKind;
use events_http::{DlqReport, DlqSelection};
use supervisor::exit::{Exit, Failure};

use super::choice::Choice;
use super::directory;
use super::list::{id_text, table};
use super::remote::Remote;
use super::source::{Spool, whole};
use crate::human::{count, counted};
use crate::output::{Format, Output};
use crate::progress::Progress;
use crate::table::{Column, Table};

#[derive(Args, Debug)]
#[command(
    after_help = "Exit codes: 0 all are stored, or gone by now; 1 there never was such a record; 3 some are \
    not stored.\n\n\
    Examples:\n  consign dlq redrive --area dead --subject 'consign.audit.>'\n  consign dlq redrive --all"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    choice: Choice,
    /// Only show which records would be delivered.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    spool: Spool,
}

pub(super) async fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    let which = arguments.choice.explicit("redrive")?;
    if arguments.dry_run {
        return rehearse(arguments, &which, output).await;
    }
    if let Some(dir) = &arguments.spool.dir {
        let report = directory::redrive(dir, &which).await?;
        return print(&report, output);
    }
    let progress = output.progress("redriving");
    match in_lots(&arguments.spool.remote()?, &which, progress).await? {
        (report, Ending::Whole) => print(&report, output),
        (report, ending) => {
            print(&report, output)?;
            output.note(ending.in_words());
            Ok(Exit::Findings)
        }
    }
}

/// How a redrive came to its end.
enum Ending {
    /// Every record was tried.
    Whole,
    /// The destination does not answer, so the rest was not tried.
    Unavailable,
    /// The supervisor goes on with what it was given.
    GoesOn,
}

impl Ending {
    const fn in_words(&self) -> &'static str {
        match self {
            Self::Whole => "all were tried",
            Self::Unavailable => {
                "stopped: the destination does not answer, so the rest was not tried\n\
                 try: consign status; records are redriven by themselves once it is back"
            }
            Self::GoesOn => {
                "the supervisor is still at it and goes on; the rest was not handed over\n\
                 try: consign dlq ls"
            }
        }
    }
}

/// Delivers records in lots small enough to be answered in time and to show how far it is.
async fn in_lots(
    remote: &Remote,
    which: &DlqSelection,
    mut progress: Progress,
) -> Result<(DlqReport, Ending), Failure> {
    let mut sum = DlqReport::default();
    if let DlqSelection::Ids(ids) = which {
        for lot in ids.chunks(LOT) {
            if let Some(ending) = deliver(remote, &ids_of(lot), &mut sum).await? {
                return Ok((sum, ending));
            }
            progress.at(sum.stored + sum.duplicates, Some(ids.len() as u64));
        }
        return Ok((sum, Ending::Whole));
    }
    let mut query = whole(which);
    query.limit = LOT;
    let mut is_asked = false;
    loop {
        let page = remote.list(&query).await?;
        let ids: Vec<u64> = page.records.iter().map(|record| record.id).collect();
        // Whoever may not redrive is not to read that nothing was left: where a list has nothing to
        // hand over, it is the choice itself that is asked for.
        let lot = match ids.as_slice() {
            [] if is_asked || page.next.is_some() => None,
            [] => Some(which.clone()),
            ids => Some(ids_of(ids)),
        };
        if let Some(lot) = lot {
            is_asked = true;
            if let Some(ending) = deliver(remote, &lot, &mut sum).await? {
                return Ok((sum, ending));
            }
        }
        progress.at(sum.stored + sum.duplicates, None);
        if page.next.is_none() {
            return Ok((sum, Ending::Whole));
        }
        query.after = page.next;
    }
}

/// Delivers one lot and adds up what became of it. Why to go no further, if there is a reason.
async fn deliver(
    remote: &Remote,
    which: &DlqSelection,
    sum: &mut DlqReport,
) -> Result<Option<Ending>, Failure> {
    let Some(report) = remote.redrive(which).await? else {
        return Ok(Some(Ending::GoesOn));
    };
    let nothing = report.stored + report.duplicates == 0;
    let away = report
        .failed
        .iter()
        .any(|failure| failure.kind == ErrorKind::Unavailable);
    sum.stored += report.stored;
    sum.duplicates += report.duplicates;
    sum.left += report.left;
    sum.gone += report.gone;
    sum.unknown.extend(report.unknown);
    sum.failed.extend(report.failed);
    Ok((nothing && away).then_some(Ending::Unavailable))
}

fn ids_of(lot: &[u64]) -> DlqSelection {
    DlqSelection::Ids(lot.to_vec())
}

async fn rehearse(
    arguments: &Arguments,
    which: &DlqSelection,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let chosen = arguments.spool.open(output)?.chosen(which).await?;
    table(&chosen.records, output).print(output)?;
    let records = counted(chosen.records.len() as u64, "record");
    output.note(&format!(
        "{records} would be delivered anew; nothing was done"
    ));
    for id in chosen.missing {
        output.note(&format!("no record has the id {id}"));
    }
    Ok(Exit::Done)
}

fn print(report: &DlqReport, output: &mut Output) -> Result<Exit, Failure> {
    match output.format() {
        Format::Json => output.json(report)?,
        Format::Name => {
            for failure in &report.failed {
                output.line(&id_text(failure.id))?;
            }
        }
        Format::Table => {
            let gone = match report.gone {
                0 => String::new(),
                gone => format!(", {} already gone", count(gone)),
            };
            output.line(&format!(
                "done: {} stored, {} (already there), {} failed, {} left{gone}",
                count(report.stored),
                counted(report.duplicates, "duplicate"),
                count(report.failed.len() as u64),
                count(report.left)
            ))?;
            let columns = [
                Column::Text("ID"),
                Column::Text("KIND"),
                Column::Text("REASON"),
            ];
            let mut table = Table::new(&columns);
            for failure in &report.failed {
                let kind = failure.kind.to_string();
                table.row(&[id_text(failure.id), kind, failure.reason.clone()]);
            }
            table.print(output)?;
        }
    }
    let whole = report.failed.is_empty() && report.left == 0;
    if let Some(failure) = never_were(&report.unknown) {
        if whole {
            return Err(failure);
        }
        output.insist(&failure.to_string());
    }
    Ok(if whole { Exit::Done } else { Exit::Findings })
}

/// What is wrong with ids that no record ever had.
fn never_were(ids: &[u64]) -> Option<Failure> {
    let named: Vec<String> = ids.iter().take(NAMED).map(u64::to_string).collect();
    let more = if ids.len() > NAMED { ", …" } else { "" };
    (!ids.is_empty()).then(|| {
        let records = counted(ids.len() as u64, "record");
        let named = named.join(", ");
        Failure::new(
            Exit::Failed,
            format!("find {records} to redrive: {named}{more}"),
        )
        .because("no record of this spool ever had such an id")
        .try_next("consign dlq ls, and whether it is this supervisor's spool")
    })
}

const LOT: usize = 500;
/// How many ids are named.
const NAMED: usize = 5;
