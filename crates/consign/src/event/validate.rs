use clap::Args;
use events_core::Violations;
use events_core::codec::DecodeError;
use serde::Serialize;
use serde_json::json;
use supervisor::exit::{Exit, Failure};

use super::form;
use crate::input;
use crate::output::Output;

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  consign event validate event.json\n  consign dlq export | consign event validate"
)]
pub(crate) struct Arguments {
    /// A file of one event, a batch, NDJSON or an HTTP message in binary mode; - for standard
    /// input.
    #[arg(default_value = "-")]
    file: String,
}

/// What stands in JSON output for each event.
#[derive(Serialize)]
struct Judgement {
    index: usize,
    valid: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    violations: Option<Violations>,
}

pub(super) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    let (mut progress, mut lines) = (output.progress("validating"), 0);
    let events = form::read(&input::read(&arguments.file)?, &mut || {
        lines += 1;
        progress.at(lines, None);
    });
    drop(progress);
    let total = events.len();
    let mut invalid = 0;
    let mut items = Vec::new();
    for (index, event) in events.into_iter().enumerate() {
        let violations = event.err().map(DecodeError::into_violations);
        invalid += usize::from(violations.is_some());
        if output.is_json() {
            items.push(Judgement {
                index,
                valid: violations.is_none(),
                violations,
            });
        } else {
            for violation in violations.iter().flatten() {
                output.line(&format!("event {}: {violation}", index + 1))?;
            }
        }
    }
    if output.is_json() {
        output.json(&json!({ "kind": "EventJudgements", "items": items }))?;
    } else {
        output.line(&format!("valid {}   invalid {invalid}", total - invalid))?;
    }
    Ok(if invalid == 0 && total > 0 {
        Exit::Done
    } else {
        Exit::Findings
    })
}
