use clap::Args;
use events_core::subject::SubjectPattern;
use serde_json::json;
use supervisor::Reached;
use supervisor::exit::{Exit, Failure};

use super::failed;
use super::survey::Survey;
use crate::output::{Format, Output};

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  consign stream ls --subject 'consign.events.>'\n  \
    consign streams --format json"
)]
pub(crate) struct Arguments {
    /// Only the streams that capture any of these subjects, or should.
    #[arg(long, value_name = "PATTERN")]
    subject: Option<SubjectPattern>,
}

/// Lists the streams that the settings want, and the others of the broker. Findings are for
/// `verify` to judge.
pub(crate) async fn run(
    arguments: &Arguments,
    broker: &Reached,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let survey = Survey::of(broker).await;
    let mut survey = survey.map_err(|error| failed("list the streams", error))?;
    if let Some(pattern) = &arguments.subject {
        survey = survey.only(pattern);
    }
    for unasked in &survey.unasked {
        output.note(unasked);
    }
    match output.format() {
        Format::Json => output.json(&json!({ "kind": "StreamList", "items": survey.items() }))?,
        Format::Name => {
            for row in &survey.rows {
                output.line(&row.name)?;
            }
        }
        Format::Table => survey.table().print(output)?,
    }
    if survey.rows.is_empty() {
        // Those that the settings want are listed, missing or not.
        output.note(match arguments.subject {
            Some(_) => {
                "no stream captures it, and the settings want none that does\n\
                 try: consign stream ls, or declare one in CONSIGN_STREAMS_FILE"
            }
            None => "there is no stream, and the settings want none",
        });
    }
    if survey.rows.iter().any(super::survey::Row::is_ill) {
        output.note("next: consign stream verify");
    }
    Ok(Exit::Done)
}
