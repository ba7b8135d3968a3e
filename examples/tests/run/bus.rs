//! Of the bus: what they emit is looked for wherever it went.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::any;
use serde_json::Value;
use sink_sign::{Mode, Verifier};
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::support::{example, keys, records, runs};

#[test]
fn the_bus_tells_each_what_it_asked_for() {
    let home = TempDir::new().unwrap();
    let said = example("bus_patterns", &[home.path()]);
    for line in [
        "stack bus(redact(journal))",
        "grep false",
        "tools heard consign.events.single.tool.started",
        "tools heard consign.events.single.tool.crashed",
        "slow missed Some(2)",
        "slow heard record.mcpclient.connect_attempt",
    ] {
        assert!(said.lines().any(|said| said == line), "{line}: {said}");
    }
    assert!(
        said.contains(r#""restart_count":0"#) && said.contains("[REDACTED:"),
        "{said}"
    );
    assert!(!said.contains("hunter2"), "{said}");
}

#[test]
fn kubernetes_is_told_once_what_the_journal_keeps_thrice() {
    let home = TempDir::new().unwrap();
    let said = example("kubernetes_event", &[home.path()]);
    let lines = |start| said.lines().filter(move |line| line.starts_with(start));
    assert_eq!(lines("stored Journal {").count(), 3, "{said}");
    let told: Vec<_> = lines("kubernetes {").collect();
    assert_eq!(told.len(), 1, "{said}");
    assert!(told[0].contains(r#""reason":"ToolCrashed""#) && told[0].contains("[REDACTED:"));
    assert!(
        said.ends_with("created 1, repeated 2, limited 0\n"),
        "{said}"
    );
    assert!(!said.contains("hunter2") && !records(&home).concat().contains("hunter2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_that_panics_is_told_once_each_and_redacted() {
    if !runs("sqlite3".as_ref(), &["--version"]) {
        return;
    }
    let (api, told) = kubernetes().await;
    let home = TempDir::new().unwrap();
    let path = home.path().to_owned();
    let run = move || example("agent_host", &[&path, Path::new(&api)]);
    let said = tokio::task::spawn_blocking(run).await.unwrap();
    let is_crash = |line: &&Value| line["fields"]["type"] == "tool.crashed";

    let lines: Vec<Value> = said.lines().map(json).collect();
    let [line] = lines.iter().filter(is_crash).collect::<Vec<_>>()[..] else {
        panic!("{said}");
    };
    assert_eq!(line["level"], "ERROR");
    assert_eq!(line["fields"]["restartcount"], "1");
    let heard = lines.last().unwrap();
    assert_eq!(heard["fields"]["restarts"], 1);
    let words = heard["fields"]["error"].as_str().unwrap();
    assert!(
        words.contains("[REDACTED:") && words.contains("@broker"),
        "{words}"
    );

    let rows = sqlite(
        home.path(),
        "SELECT severity, wire FROM agent_events WHERE type = 'tool.crashed'",
    );
    let (severity, wire) = rows.trim_end().split_once('|').unwrap();
    assert_eq!((severity, wire.lines().count()), ("error", 1), "{rows}");
    let row = json(wire);
    assert_eq!(row["data"]["restart_count"], 1);
    assert_eq!(row["data"]["error"], words);
    assert_eq!(row["id"], line["fields"]["id"]);
    let event = events_core::WireEvent::from_bytes(wire.to_owned().into()).unwrap();
    let verifier = Verifier::new(keys(&home.path().join("keys")), Mode::Strict);
    assert!(verifier.check(&event.to_event().unwrap()).is_verified());

    let told = told.lock().unwrap();
    let [told] = told.as_slice() else {
        panic!("{told:?}");
    };
    assert_eq!(
        (&told["reason"], &told["type"]),
        (&"ToolCrashed".into(), &"Warning".into())
    );
    let note = format!("search: restart count 1: {words}");
    assert_eq!(told["note"], note);

    let all = sqlite(home.path(), "SELECT count(*) FROM agent_events");
    assert_eq!(all, "4\n", "two starts, one stop, one crash");
    for text in [
        said,
        fs::read_to_string(home.path().join("store.sqlite-wal")).unwrap_or_default(),
    ] {
        assert!(!text.contains("hunter2"), "{text}");
    }
    assert!(!rows.contains("hunter2") && !told.to_string().contains("hunter2"));
}

#[test]
fn a_worker_answers_on_the_bus_and_gives_up_with_a_dead_letter() {
    let home = TempDir::new().unwrap();
    let said = example("embedding_worker", &[&home.path().join("journal")]);
    let ending = "dead letter q2 after 3 attempts: there is no text\n";
    assert!(said.ends_with(ending), "{said}");
    for id in ["q1", "q2", "q3"] {
        assert!(said.contains(&format!("asked {id}, delivered\n")), "{said}");
    }
    let results: Vec<&str> = said
        .lines()
        .filter(|line| line.starts_with("result "))
        .collect();
    assert!(results[0].starts_with("result q1 [") && results[1].starts_with("result q3 ["));
    let mut kinds: Vec<String> = records(&home)
        .iter()
        .map(|line| json(line)["type"].as_str().unwrap().to_owned())
        .collect();
    kinds.sort();
    let [dlq, requests, results] = ["embed.dlq", "embed.requests", "embed.results"];
    assert_eq!(kinds, [dlq, requests, requests, requests, results, results]);
}

/// An API server that keeps what it is sent, and echoes.
async fn kubernetes() -> (String, Arc<Mutex<Vec<Value>>>) {
    let told = Arc::<Mutex<Vec<Value>>>::default();
    let keep = {
        let told = Arc::clone(&told);
        move |body: String| async move {
            told.lock().unwrap().push(json(&body));
            body
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(any(keep));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (url, told)
}

/// What `sqlite3` answers, columns parted by `|`.
fn sqlite(home: &Path, question: &str) -> String {
    let mut command = Command::new("sqlite3");
    command.arg(home.join("store.sqlite")).arg(question);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}
