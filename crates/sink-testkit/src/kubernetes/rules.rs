//! What the API server has against an Event: the rules of `events.k8s.io/v1`, from its reference.

use serde_json::Value;

/// The rule that the Event breaks.
pub(crate) fn complaint(namespace: &str, event: &Value) -> Option<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let words = |name: &str, longest: usize| {
        let length = text(&event[name]).chars().count();
        (length == 0 || length > longest).then(|| format!("{name} of {length} characters"))
    };
    let checks = [
        words("reason", 128),
        words("action", 128),
        words("reportingController", 63),
        words("reportingInstance", 128),
        (text(&event["note"]).len() > 1024).then(|| "a note over 1 kB".to_owned()),
        wrong(
            "type",
            matches!(&*text(&event["type"]), "Normal" | "Warning"),
        ),
        wrong("namespace", event["metadata"]["namespace"] == namespace),
        wrong(
            "regarding.namespace",
            event["regarding"]["namespace"] == namespace,
        ),
        wrong("name", is_subdomain(&text(&event["metadata"]["name"]))),
        wrong("eventTime", is_micro_time(&text(&event["eventTime"]))),
        wrong(
            "deprecated fields",
            event
                .as_object()
                .is_some_and(|event| event.keys().all(|name| !name.starts_with("deprecated"))),
        ),
        wrong(
            "series",
            event["series"].is_null() || {
                let series = &event["series"];
                series["count"].as_i64().is_some_and(|count| count >= 2)
                    && is_micro_time(&text(&series["lastObservedTime"]))
            },
        ),
    ];
    checks.into_iter().flatten().next()
}

fn wrong(what: &str, holds: bool) -> Option<String> {
    (!holds).then(|| format!("a wrong {what}"))
}

/// `2006-01-02T15:04:05.000000Z`
fn is_micro_time(text: &str) -> bool {
    let form: String = text
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    form == "0000-00-00T00:00:00.000000Z"
}

fn is_subdomain(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let word = |word: &str| {
        word.starts_with(fits) && word.ends_with(fits) && word.chars().all(|c| fits(c) || c == '-')
    };
    name.len() <= 253 && name.split('.').all(word)
}
