//! A planted secret is in no byte that leaves the process, wherever it was planted (G2).

use std::path::Path;
use std::time::Duration;

use crate::support::{Broker, Daemon, ENSURE, Wire, drained, event, lines, until};

/// A token of a well-known vendor's form. Not live.
const SECRET: &str = "ghp_x7Kq2mVbN4tRz9LwYc3HsJ6dFgP8aE1uXo5T";

#[test]
fn a_planted_secret_is_nowhere() {
    let dir = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(dir.path(), &[("CONSIGN_LOG", "trace")]);
    let mut client = daemon.client();
    let mut said = String::new();
    for (position, text) in planted() {
        let answer = client.post(&text).unwrap();
        assert_eq!(answer.status, 204, "{position}: {}", answer.body);
        said.push_str(&format!("{answer:?}"));
    }
    for (position, text) in refused() {
        let answer = client.post(&text).unwrap();
        assert_eq!(answer.status, 400, "{position}: {}", answer.body);
        said.push_str(&format!("{answer:?}"));
    }
    let batch = format!("[{}]", planted().map(|(_, text)| text).join(","));
    let batched = [("content-type", "application/cloudevents-batch+json")];
    said.push_str(
        &client
            .request("POST", "/v1/events", &batched, batch.as_bytes())
            .unwrap()
            .body,
    );
    said.push_str(&format!("{:?}", binary(&mut client)));
    for path in [
        "/metrics",
        "/v1/status",
        "/readyz",
        &format!("/v1/{SECRET}"),
    ] {
        let answer = client.get(path).unwrap();
        said.push_str(&answer.body);
    }
    let (status, log) = daemon.stop();
    assert!(status.success(), "{log}");
    let everything = format!("{said}{log}{}", everything_in(dir.path()));
    for (form, needle) in forms() {
        assert!(
            !everything.contains(&needle),
            "the secret stands somewhere as {form}"
        );
    }
    assert!(
        everything.contains("[REDACTED:"),
        "nothing was redacted at all"
    );
}

#[test]
fn a_planted_secret_is_neither_on_the_wire_nor_in_the_spool() {
    let dir = tempfile::tempdir().unwrap();
    let mut broker = Broker::start();
    let wire = Wire::to(&broker.url());
    let settings = [ENSURE, ("CONSIGN_LOG", "trace")];
    let daemon = Daemon::connected(dir.path(), &wire.url(), &settings);
    let mut said = post_all(&daemon, "up");
    std::thread::scope(|scope| {
        let dying = scope.spawn(|| post_all(&daemon, "dying"));
        broker.kill();
        said.push_str(&dying.join().unwrap());
    });
    said.push_str(&post_all(&daemon, "away"));
    for path in ["/v1/dlq", "/v1/status", "/metrics"] {
        said.push_str(&daemon.client().get(path).unwrap().body);
    }
    // While the events wait there.
    let spool = everything_in(dir.path());
    assert!(spool.contains("away-leaf"), "nothing was spilled");
    broker.restart();
    until(&daemon, PATIENCE, drained);
    let (status, log) = daemon.stop();
    assert!(status.success(), "{log}");
    let heard = wire.heard();
    assert!(heard.contains("[REDACTED:"), "nothing was published");
    for (place, text) in [
        ("an answer", &said),
        ("the spool", &spool),
        ("the log", &log),
        ("the wire", &heard),
        ("the data directory", &everything_in(dir.path())),
    ] {
        for (form, needle) in forms() {
            assert!(
                !text.contains(&needle),
                "the secret stands in {place} as {form}"
            );
        }
    }
}

/// Posts every planted event, with ids of their own, and returns what was answered.
fn post_all(daemon: &Daemon, round: &str) -> String {
    let mut client = daemon.client();
    let mut said = String::new();
    for (position, text) in planted() {
        let text = text.replacen(r#""id":""#, &format!(r#""id":"{round}-"#), 1);
        let answer = client.post(&text).unwrap();
        assert_eq!(answer.status, 204, "{position}: {}", answer.body);
        said.push_str(&format!("{answer:?}"));
    }
    for (_, text) in refused() {
        said.push_str(&format!("{:?}", client.post(&text).unwrap()));
    }
    said
}

#[test]
fn two_events_whose_ids_held_different_secrets_stay_two() {
    let dir = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(dir.path(), &[]);
    let mut client = daemon.client();
    let other = SECRET.replace('x', "y");
    for secret in [SECRET, &other, SECRET] {
        assert_eq!(
            client
                .post(&event(&format!("job-{secret}"), "{}"))
                .unwrap()
                .status,
            204
        );
    }
    assert!(daemon.stop().0.success());
    let ids: Vec<String> = lines(dir.path())
        .iter()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["id"].to_string())
        .collect();
    assert_eq!(ids.len(), 3);
    assert_eq!(ids[0], ids[2]);
    assert_ne!(ids[0], ids[1]);
}

const PATIENCE: Duration = Duration::from_secs(60);

fn planted() -> [(&'static str, String); 15] {
    let encoded = base64(SECRET);
    let escaped: String = SECRET
        .chars()
        .map(|c| format!("\\u{:04x}", c as u32))
        .collect();
    let with = |members: &str| {
        format!(r#"{{"specversion":"1.0","source":"/test","type":"test.made",{members}}}"#)
    };
    let id = |name: &str| format!(r#""id":"{name}""#);
    [
        ("leaf", event("leaf", &format!(r#"{{"note":"{SECRET}"}}"#))),
        (
            "inside a leaf",
            event("inside", &format!(r#"["see {SECRET}, please"]"#)),
        ),
        ("key", event("key", &format!(r#"{{"{SECRET}":1}}"#))),
        (
            "escaped",
            event("escaped", &format!(r#"{{"note":"{escaped}"}}"#)),
        ),
        (
            "half escaped",
            event("half", &format!(r#"{{"note":"\u0067{}"}}"#, &SECRET[1..])),
        ),
        (
            "nested JSON",
            event(
                "nested",
                &format!(r#"{{"body":"{{\"note\":\"{SECRET}\"}}"}}"#),
            ),
        ),
        (
            "base64 leaf",
            event("base64", &format!(r#"{{"blob":"{encoded}"}}"#)),
        ),
        (
            "extension",
            with(&format!(r#"{},"note":"{SECRET}""#, id("extension"))),
        ),
        (
            "trace state",
            with(&format!(r#"{},"tracestate":"a={SECRET}""#, id("trace"))),
        ),
        (
            "subject",
            with(&format!(r#"{},"subject":"{SECRET}""#, id("subject"))),
        ),
        ("id", with(&id(&format!("x-{SECRET}")))),
        (
            "source",
            format!(r#"{{"specversion":"1.0","source":"/a/{SECRET}","type":"t","id":"source"}}"#),
        ),
        (
            "text",
            with(&format!(
                r#"{},"datacontenttype":"text/plain","data":"{SECRET}""#,
                id("text")
            )),
        ),
        (
            "bytes",
            with(&format!(r#"{},"data_base64":"{encoded}""#, id("bytes"))),
        ),
        (
            "schema",
            with(&format!(
                r#"{},"dataschema":"https://a.example/{SECRET}""#,
                id("schema")
            )),
        ),
    ]
}

fn refused() -> [(&'static str, String); 6] {
    let with = |members: &str| format!(r#"{{"specversion":"1.0","source":"/test",{members}}}"#);
    [
        ("type", with(&format!(r#""id":"1","type":"a.{SECRET}""#))),
        (
            "tenant",
            with(&format!(r#""id":"1","type":"a","tenantid":"{SECRET}""#)),
        ),
        (
            "tenant in data",
            with(&format!(
                r#""id":"1","type":"a","data":{{"tenantId":"{SECRET}"}}"#
            )),
        ),
        (
            "an invalid event",
            with(&format!(r#""id":"{SECRET}","type":"a","time":"{SECRET}""#)),
        ),
        (
            "a malformed name",
            with(&format!(r#""id":"1","type":"a","{SECRET}":"x""#)),
        ),
        ("no JSON", format!("{SECRET}{{")),
    ]
}

fn binary(client: &mut crate::support::Client) -> crate::support::Answer {
    let path = format!("/{SECRET}");
    let headers = [
        ("ce-specversion", "1.0"),
        ("ce-id", SECRET),
        ("ce-source", path.as_str()),
        ("ce-type", "test.made"),
        ("ce-note", SECRET),
        ("content-type", "application/json"),
    ];
    let body = format!(r#"{{"password":"{SECRET}"}}"#);
    let answer = client
        .request("POST", "/v1/events", &headers, body.as_bytes())
        .unwrap();
    assert_eq!(answer.status, 204);
    answer
}

/// The forms in which the secret must not stand anywhere.
fn forms() -> [(&'static str, String); 4] {
    let hex: String = SECRET.bytes().map(|byte| format!("{byte:02x}")).collect();
    // The middle of the secret, so that no encoding's edges matter.
    let middle = base64(&SECRET[3..33]);
    [
        ("itself", SECRET[4..30].to_owned()),
        ("base64", base64(SECRET)[..40].to_owned()),
        ("shifted base64", middle[..36].to_owned()),
        ("hexadecimal", hex),
    ]
}

fn everything_in(dir: &Path) -> String {
    let mut found = String::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.push_str(&everything_in(&path));
        } else {
            found.push_str(&String::from_utf8_lossy(&std::fs::read(path).unwrap()));
        }
    }
    found
}

/// RFC 4648 base64, written out so that the test shares no code with what it tests.
fn base64(text: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let bits = chunk
            .iter()
            .fold(0u32, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - chunk.len()));
        for index in 0..4 {
            let sextet = (bits >> (18 - 6 * index)) & 63;
            let pad = index > chunk.len();
            out.push(if pad {
                '='
            } else {
                char::from(ALPHABET[sextet as usize])
            });
        }
    }
    out
}
