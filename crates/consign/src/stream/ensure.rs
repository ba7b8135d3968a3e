use clap::Args;
use serde_json::json;
use streams::{Plan, Step};
use supervisor::Reached;
use supervisor::exit::{Exit, Failure};

use super::failed;
use crate::output::Output;

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  consign stream ensure --dry-run\n  consign stream ensure --server nats://nats:4222"
)]
pub(crate) struct Arguments {
    /// Say what would be done, and do nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Makes the streams what the settings declare, as far as no message is lost by it.
pub(super) async fn run(
    arguments: &Arguments,
    broker: &Reached,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let plan = streams::plan(&broker.jetstream, &broker.topology).await;
    let plan = plan.map_err(|error| failed("compare the streams", error))?;
    if output.is_json() {
        output.json(&json!({ "kind": "StreamPlan", "items": plan }))?;
    } else {
        output.line(plan.to_string().trim_end())?;
    }
    if arguments.dry_run {
        output.note("nothing was done");
        return Ok(verdict(&plan));
    }
    let applied = streams::apply(&broker.jetstream, &plan).await;
    let applied = applied.map_err(|error| failed("make the streams", error))?;
    for (stream, error) in &applied.failed {
        output.insist(&format!("error: make {stream} as declared"));
        output.insist(&format!("cause: {error}\ntry: {}", error.advice()));
    }
    if applied.failed.is_empty() {
        Ok(verdict(&plan))
    } else {
        Ok(Exit::Failed)
    }
}

/// What is refused is a finding: somebody has to decide.
fn verdict(plan: &Plan) -> Exit {
    let refused = |step: &Step| matches!(step, Step::Refuse { .. });
    if plan.steps().iter().any(refused) {
        Exit::Findings
    } else {
        Exit::Done
    }
}
