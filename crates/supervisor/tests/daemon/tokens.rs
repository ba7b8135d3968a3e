//! Who may do what, by a file of tokens that is read again on SIGHUP.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::support::{Answer, Client, Daemon, event};

const ROOT: &str = "the-one-for-everything";
const GATEWAY: &str = "of-the-gateway-of-acme";
const METRICS: &str = "the-one-of-prometheus";

#[test]
fn tokens_confine_and_are_read_again_on_sighup() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("tokens.toml");
    let config = dir.path().join("consign.toml");
    write(
        &file,
        &[
            ("gateway", GATEWAY, "ingest:acme\", \"tail:acme"),
            ("metrics", METRICS, "metrics"),
        ],
    );
    fs::write(&config, "log = 'info'\n").unwrap();
    let settings = [
        ("CONSIGN_HTTP_TOKEN", ROOT),
        ("CONSIGN_HTTP_TOKENS_FILE", file.to_str().unwrap()),
        ("CONSIGN_CONFIG", config.to_str().unwrap()),
    ];
    let daemon = Daemon::start(&dir.path().join("data"), &settings);
    let mut client = daemon.client();
    assert_eq!(post(&mut client, GATEWAY, "1", "acme").status, 204);
    assert_eq!(post(&mut client, GATEWAY, "2", "initech").status, 403);
    assert_eq!(post(&mut client, ROOT, "2", "initech").status, 204);
    assert_eq!(post(&mut client, METRICS, "3", "acme").status, 403);
    let seen = |answer: Answer| (answer.status, answer.body.lines().count());
    assert_eq!(seen(get(&mut client, GATEWAY, "/v1/events")), (200, 1));
    assert_eq!(seen(get(&mut client, ROOT, "/v1/events")), (200, 2));
    for (token, path, status) in [
        (METRICS, "/metrics", 200),
        (METRICS, "/v1/status", 200),
        (METRICS, "/v1/events", 403),
        (GATEWAY, "/metrics", 403),
        ("somebody-elses-token", "/v1/events", 401),
    ] {
        assert_eq!(get(&mut client, token, path).status, status, "{path}");
    }

    // What is wrong changes nothing, and is said.
    write(&file, &[("gateway", "short", "admin")]);
    daemon.signal("HUP");
    said(&daemon, "token gateway is shorter than 16 characters");
    assert_eq!(get(&mut client, GATEWAY, "/v1/events").status, 200);

    write(&file, &[("metrics", METRICS, "metrics\", \"tail:initech")]);
    fs::write(&config, "log = 'debug'\n").unwrap();
    daemon.signal("HUP");
    // The last of what is read anew.
    said(&daemon, r#""filter":"debug""#);
    assert_eq!(get(&mut client, GATEWAY, "/v1/events").status, 401);
    assert_eq!(seen(get(&mut client, METRICS, "/v1/events")), (200, 1));
    assert_eq!(get(&mut client, ROOT, "/v1/dlq").status, 200);
    said(&daemon, r#""message":"answered""#);
    let (status, log) = daemon.stop();
    assert!(status.success(), "{log}");
    for secret in [ROOT, GATEWAY, METRICS] {
        assert!(!log.contains(secret), "{log}");
    }
}

#[test]
fn a_file_of_tokens_is_enough_to_listen_beyond_loopback() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("tokens.toml");
    write(&file, &[("gateway", GATEWAY, "ingest:*")]);
    let settings = [
        ("CONSIGN_HTTP_ADDR", "0.0.0.0:0"),
        ("CONSIGN_HTTP_TOKENS_FILE", file.to_str().unwrap()),
    ];
    let daemon = Daemon::start(&dir.path().join("data"), &settings);
    let addr = ([127, 0, 0, 1], daemon.addr().port()).into();
    let mut client = Client::connect(addr).unwrap();
    assert_eq!(post(&mut client, GATEWAY, "1", "any").status, 204);
    assert_eq!(client.post(&event("2", "{}")).unwrap().status, 401);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o604)).unwrap();
    let (code, said) = Daemon::run(&dir.path().join("other"), &settings);
    assert_eq!(code, Some(78), "{said}");
    assert!(said.contains("others can read it"), "{said}");
}

fn write(path: &Path, tokens: &[(&str, &str, &str)]) {
    let entries = tokens.iter().map(|(name, token, scopes)| {
        format!("[[token]]\nname = \"{name}\"\ntoken = \"{token}\"\nscopes = [\"{scopes}\"]\n")
    });
    fs::write(path, entries.collect::<String>()).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

fn post(client: &mut Client, token: &str, id: &str, tenant: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [
        ("content-type", "application/cloudevents+json"),
        ("authorization", bearer.as_str()),
    ];
    let tenant = format!(r#""tenantid":"{tenant}","data""#);
    let body = event(id, "{}").replace(r#""data""#, &tenant);
    let answer = client.request("POST", "/v1/events", &headers, body.as_bytes());
    answer.unwrap()
}

fn get(client: &mut Client, token: &str, path: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    client.request("GET", path, &headers, b"").unwrap()
}

/// Waits until the log has these words.
fn said(daemon: &Daemon, words: &str) {
    let start = Instant::now();
    while !daemon.log().contains(words) {
        let log = daemon.log();
        assert!(start.elapsed() < Duration::from_secs(20), "{words}: {log}");
        std::thread::park_timeout(Duration::from_millis(10));
    }
}
