//! Chains that end in several sinks, as `CONSIGN_SINK` lists them.

mod alone;
mod figures;
mod kubernetes;
mod leftover;
mod lists;
mod outage;
mod stop;

use serde_json::Value;

/// What the status says of the sink of that name.
fn sink<'a>(status: &'a Value, name: &str) -> &'a Value {
    let mut sinks = status["sinks"].as_array().unwrap().iter();
    sinks.find(|sink| sink["name"] == name).unwrap()
}
