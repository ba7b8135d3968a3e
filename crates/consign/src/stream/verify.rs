use clap::Args;
use clap_complete::ArgValueCandidates;
use serde_json::json;
use streams::{Severity, StreamName, StreamReport};
use supervisor::Reached;
use supervisor::exit::{Exit, Failure};

use super::failed;
use crate::completion;
use crate::human::safe;
use crate::output::{Format, Output};

#[derive(Args, Debug)]
#[command(
    after_help = "Exit codes: 0 every guarantee holds; 3 one is broken or weakened.\n\n\
    Examples:\n  consign stream verify\n  consign stream verify CONSIGN_AUDIT -o json"
)]
pub(crate) struct Arguments {
    /// Only this stream.
    #[arg(add = ArgValueCandidates::new(completion::streams))]
    stream: Option<StreamName>,
}

/// Says of each stream what breaks a guarantee, and what to do about it.
pub(super) async fn run(
    arguments: &Arguments,
    broker: &Reached,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let reports = streams::inspect(&broker.jetstream, &broker.topology, &broker.policy).await;
    let mut reports = reports.map_err(|error| failed("look at the streams", error))?;
    if let Some(name) = &arguments.stream {
        reports.retain(|report| report.name == *name);
        if reports.is_empty() {
            return Err(Failure::new(Exit::Failed, format!("verify {name}"))
                .because("no settings want it, so nothing is asked of it")
                .try_next("declare it in CONSIGN_STREAMS_FILE, or consign stream ls"));
        }
    }
    match output.format() {
        Format::Json => output.json(&json!({ "kind": "StreamReportList", "items": reports }))?,
        Format::Name => {
            for report in reports.iter().filter(|report| is_ill(report)) {
                output.line(report.name.as_str())?;
            }
        }
        Format::Table => {
            for report in &reports {
                print(report, output)?;
            }
        }
    }
    Ok(if reports.iter().any(is_ill) {
        Exit::Findings
    } else {
        Exit::Done
    })
}

/// Prints a stream's findings, each with its remedy.
pub(super) fn print(report: &StreamReport, output: &mut Output) -> Result<(), Failure> {
    let verdict = match report.worst() {
        None | Some(Severity::Note) => "ok  ",
        Some(Severity::Weakens) => "WARN",
        Some(Severity::Breaks) => "FAIL",
    };
    output.line(&format!("{verdict}  {}", report.name))?;
    for finding in &report.findings {
        let word = match finding.severity {
            Severity::Note => "note",
            Severity::Weakens => "weakens",
            Severity::Breaks => "BREAKS",
        };
        let line = format!("{word:<7}  {}  {}", finding.code, finding.text);
        output.line(&format!("      {}", safe(&line)))?;
        if !finding.remedy.is_empty() {
            output.line(&format!("      try: {}", safe(&finding.remedy)))?;
        }
    }
    Ok(())
}

fn is_ill(report: &StreamReport) -> bool {
    report.worst().is_some_and(|worst| worst > Severity::Note)
}
