//! How the sinks of a fan-out do, a line each.

use serde_json::Value;

use super::daemon::{counters, number, text, words};
use crate::human::{count, counted};

/// One sink: what became of events there, and what waits for it.
pub(super) fn line(sink: &Value) -> String {
    let waiting = number(&sink["spool"], "waiting");
    let waiting = (waiting > 0).then(|| format!("{} waiting", counted(waiting, "event")));
    words(&[
        text(&sink["name"]),
        text(&sink["need"]),
        &counters(sink),
        waiting.as_deref().unwrap_or_default(),
    ])
}

/// What Kubernetes was told, and what not.
pub(super) fn told(kubernetes: &Value) -> String {
    let dropped = kubernetes["dropped"].as_object().into_iter().flatten();
    let dropped = dropped.filter_map(|(why, events)| Some((why, events.as_u64()?)));
    let dropped: Vec<String> = dropped
        .filter(|(_, events)| *events > 0)
        .map(|(why, events)| format!("{why} {}", count(events)))
        .collect();
    let dropped = match dropped.is_empty() {
        true => String::new(),
        false => format!("dropped: {}", dropped.join(", ")),
    };
    words(&[&counters(kubernetes), &dropped])
}
