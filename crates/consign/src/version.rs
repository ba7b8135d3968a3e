use serde_json::json;
use supervisor::exit::{Exit, Failure};

use crate::output::Output;

/// Says which release this is.
pub(crate) fn run(output: &mut Output) -> Result<Exit, Failure> {
    let version = env!("CARGO_PKG_VERSION");
    if output.is_json() {
        output.json(&json!({ "kind": "Version", "name": "consign", "version": version }))?;
    } else {
        output.line(&format!("consign {version}"))?;
    }
    Ok(Exit::Done)
}
