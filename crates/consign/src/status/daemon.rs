use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use supervisor::exit::Failure;

use super::fault::{DOCTOR, Fault, command_in, look_at};
use super::sinks;
use crate::client::{Answer, Client, misunderstood};
use crate::human::{age, count, counted, size};
use crate::table::{Column, Table};

/// A supervisor that answered.
#[derive(Debug)]
pub(super) struct Supervisor {
    /// What it says of itself.
    pub(super) status: Value,
    /// What somebody has to look at, streams apart.
    pub(super) faults: Vec<Fault>,
}

impl Supervisor {
    /// Asks it how it is.
    pub(super) async fn ask(client: &Client) -> Result<Self, Failure> {
        let answer = client.get("/v1/status").await?.ok_or_else(misunderstood)?;
        let ready = client.look("/readyz").await?;
        let status: Value = answer.json()?;
        if !status.is_object() {
            return Err(misunderstood());
        }
        // What its probe says has all of this in it, in its own words.
        let faults = match degraded(&ready) {
            said if said.is_empty() => faults(&status),
            said => {
                let told = |words: &String| Fault::told(words, address(&status));
                said.iter().map(told).collect()
            }
        };
        Ok(Self { status, faults })
    }

    /// Whether it says that its broker is away.
    pub(super) fn misses_its_broker(&self) -> bool {
        self.status.pointer("/nats/connected") == Some(&Value::Bool(false))
    }
}

/// What a supervisor says is degraded. Its probes may be at another address.
fn degraded(answer: &Answer) -> Vec<String> {
    #[derive(Deserialize)]
    struct Readiness {
        ready: bool,
        degraded: Vec<String>,
    }
    match serde_json::from_slice::<Readiness>(&answer.body) {
        Ok(readiness) if !readiness.ready && readiness.degraded.is_empty() => {
            vec!["not ready".to_owned()]
        }
        Ok(readiness) => readiness.degraded,
        Err(_) => Vec::new(),
    }
}

/// What somebody has to look at, streams apart, where no probe says it.
fn faults(status: &Value) -> Vec<Fault> {
    let mut faults = Vec::new();
    let breaker = &status["breaker"];
    match breaker["state"].as_str() {
        None | Some("connected") => {}
        Some(state) => {
            let circuit = format!("the circuit is {state}");
            let why = breaker["reason"].as_str();
            let what = why.map_or(circuit.clone(), |why| format!("{circuit}: {why}"));
            let next = remedy(status);
            faults.push(Fault::new(what, next.as_deref().unwrap_or(DOCTOR)));
        }
    }
    for (area, advice) in [
        ("set_aside", "set aside until a setting is changed"),
        ("dead", "refused for good"),
    ] {
        let records = number(&status["spool"], area);
        if records > 0 {
            let records = counted(records, "event");
            faults.push(Fault::new(format!("{records} {advice}"), "consign dlq ls"));
        }
    }
    faults
}

/// What to do so that its broker takes events again, where that is known.
pub(crate) fn remedy(status: &Value) -> Option<String> {
    let breaker = &status["breaker"];
    let command = command_in(text(&breaker["reason"])).map(str::to_owned);
    let is_away = || text(&breaker["state"]) == "reconnecting";
    command.or_else(|| is_away().then(|| look_at(address(status))))
}

/// Where its broker was reached; empty where that is not known.
pub(crate) fn address(status: &Value) -> &str {
    status.pointer("/nats/server").map_or("", text)
}

/// The same, where its broker cannot be reached from here: all that it says of it is how it was.
pub(super) fn last_known(status: &Value) -> Value {
    let mut status = status.clone();
    let streams = status.get_mut("streams").and_then(Value::as_array_mut);
    for stream in streams.into_iter().flatten() {
        if let Some(fields) = stream.as_object_mut() {
            fields.insert("last_known".to_owned(), true.into());
        }
    }
    for (pointer, word) in [
        ("/nats/connected", "not reached from here"),
        ("/breaker/state", LAST_CONNECTED),
    ] {
        let said = status.pointer_mut(pointer);
        if let Some(said) = said.filter(|said| **said == true || **said == "connected") {
            *said = word.into();
        }
    }
    status
}

/// Which streams it finds wanting. How they were before their broker went is no fault.
pub(super) fn ill_streams(status: &Value) -> Vec<Fault> {
    let ill = streams(status).iter();
    let ill = ill.filter(|stream| text(&stream["state"]) != "ok" && !is_last_known(stream));
    ill.map(|stream| Fault::of_stream(text(&stream["name"]), text(&stream["state"])))
        .collect()
}

/// What it says, a line each, beside what is said of the broker.
pub(super) fn lines(status: &Value) -> Vec<(&'static str, String)> {
    let mut lines = vec![
        ("CHAIN", chain(status)),
        ("CIRCUIT", circuit(&status["breaker"])),
        ("DLQ", spool(&status["spool"])),
        ("JOURNAL", journal(&status["journal"])),
        ("EVENTS", counters(&status["counters"])),
    ];
    let sinks = status["sinks"].as_array().into_iter().flatten();
    lines.extend(sinks.map(|said| ("SINK", sinks::line(said))));
    let kubernetes = &status["kubernetes"];
    if kubernetes.is_object() {
        lines.push(("K8S", sinks::told(kubernetes)));
    }
    lines.push(("VERSION", text(&status["version"]).to_owned()));
    lines
}

/// The streams as it sees them.
pub(super) fn table(status: &Value) -> Table {
    // How they were is not to be taken for how they are.
    let is_past = streams(status).iter().any(is_last_known);
    let columns = [
        Column::Text("STREAM"),
        Column::Health(if is_past { "LAST KNOWN" } else { "HEALTH" }),
        Column::Text("FINDINGS"),
    ];
    let mut table = Table::new(&columns);
    for stream in streams(status) {
        table.row(&[
            text(&stream["name"]).to_owned(),
            // Health stands out without colour.
            health(stream),
            findings(&stream["findings"]),
        ]);
    }
    table
}

fn health(stream: &Value) -> String {
    let state = match text(&stream["state"]) {
        "ok" => "ok".to_owned(),
        other => other.to_uppercase(),
    };
    if !is_last_known(stream) {
        return state;
    }
    let ago = age(Duration::from_secs(number(stream, "age_s")));
    format!("{state}, {ago} ago")
}

fn is_last_known(stream: &Value) -> bool {
    stream["last_known"] == true
}

/// The broker as it sees it.
pub(super) fn server(nats: &Value) -> String {
    if !nats.is_object() {
        return "none: the chain ends on this machine".to_owned();
    }
    let version = match text(&nats["version"]) {
        "" => String::new(),
        version => format!("nats-server {version}"),
    };
    let connected = match &nats["connected"] {
        Value::Bool(true) => "connected",
        Value::String(said) => said.as_str(),
        _ => "NOT CONNECTED",
    };
    words(&[text(&nats["server"]), &version, connected])
}

fn chain(status: &Value) -> String {
    let signer = match status.pointer("/signer/keyid").map_or("", text) {
        "" => "unsigned".to_owned(),
        key => format!("signed by {key}"),
    };
    words(&[text(&status["stack"]), &signer])
}

fn circuit(breaker: &Value) -> String {
    let state = text(&breaker["state"]);
    if ["", "connected", LAST_CONNECTED].contains(&state) {
        return state.to_owned();
    }
    let next = Duration::from_millis(number(breaker, "next_probe_ms"));
    // While the client itself is without a connection, the breaker has nothing to try.
    let tries = match number(breaker, "attempt") {
        0 => String::new(),
        attempt => format!("(attempt {attempt}, next probe in {})", age(next)),
    };
    words(&[&state.to_uppercase(), &tries, text(&breaker["reason"])])
}

fn spool(spool: &Value) -> String {
    if !spool.is_object() {
        return "none".to_owned();
    }
    // A view that is confined to some tenants has no counts.
    if spool["waiting"].is_null() {
        return text(&spool["state"]).to_owned();
    }
    let all = number(spool, "waiting") + number(spool, "set_aside") + number(spool, "dead");
    let (events, bytes) = (counted(all, "event"), number(spool, "bytes"));
    match (all, bytes) {
        (0, 0) => events,
        // Segments are not deleted with their last record.
        (0, _) => format!("{events}, {} on disk", size(bytes)),
        _ => format!(
            "{events}, {}  ({} waiting, {} set aside, {} dead; oldest {})",
            size(bytes),
            count(number(spool, "waiting")),
            count(number(spool, "set_aside")),
            count(number(spool, "dead")),
            age(Duration::from_secs(number(spool, "oldest_age_s")))
        ),
    }
}

fn journal(journal: &Value) -> String {
    if !journal.is_object() {
        return String::new();
    }
    if journal["segments"].is_null() {
        return text(&journal["state"]).to_owned();
    }
    let segments = counted(number(journal, "segments"), "segment");
    let held = format!("{segments}, {}", size(number(journal, "bytes")));
    words(&[text(&journal["state"]), &held])
}

pub(super) fn counters(counters: &Value) -> String {
    let fields = counters.as_object().into_iter().flatten();
    let shown = fields.filter_map(|(name, value)| Some((name, value.as_u64()?)));
    let shown: Vec<String> = shown
        .map(|(name, value)| format!("{name} {}", count(value)))
        .collect();
    shown.join("  ")
}

fn findings(findings: &Value) -> String {
    let all = findings.as_array().into_iter().flatten();
    let words: Vec<String> = all
        .map(|finding| {
            let code = finding["code"].as_str().or(finding.as_str());
            code.unwrap_or("?").to_owned()
        })
        .collect();
    words.join(" ")
}

fn streams(status: &Value) -> &[Value] {
    status["streams"].as_array().map_or(&[], Vec::as_slice)
}

pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

pub(super) fn number(of: &Value, name: &str) -> u64 {
    of[name].as_u64().unwrap_or_default()
}

pub(super) fn words(parts: &[&str]) -> String {
    let parts: Vec<&str> = parts
        .iter()
        .copied()
        .filter(|part| !part.is_empty())
        .collect();
    parts.join("  ")
}

const LAST_CONNECTED: &str = "connected when last used";
