//! What an operator meets when something is wrong before the first event.

use crate::support::{Daemon, event};

#[test]
fn every_mistake_is_reported_at_once_with_exit_78() {
    let dir = tempfile::tempdir().unwrap();
    let settings = [
        ("CONSIGN_HTTP_ADDR", "nowhere"),
        ("CONSIGN_MAX_EVENT_BYTES", "10 potatoes"),
        ("CONSIGN_SIGN_KYE", "x"),
    ];
    let (code, said) = Daemon::run(dir.path(), &settings);
    assert_eq!(code, Some(78), "{said}");
    for part in [
        "3 problems",
        "CONSIGN_HTTP_ADDR",
        "10 potatoes",
        "CONSIGN_SIGN_KEY",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn listening_beyond_loopback_needs_a_token() {
    let dir = tempfile::tempdir().unwrap();
    let (code, said) = Daemon::run(dir.path(), &[("CONSIGN_HTTP_ADDR", "0.0.0.0:0")]);
    assert_eq!(code, Some(78), "{said}");
    assert!(said.contains("CONSIGN_HTTP_TOKEN"), "{said}");
}

#[test]
fn a_key_that_cannot_be_used_is_no_reason_to_go_unsigned() {
    let dir = tempfile::tempdir().unwrap();
    let key = dir.path().join("key.pem");
    std::fs::write(&key, "no key").unwrap();
    let settings = [("CONSIGN_SIGN_KEY_FILE", key.to_str().unwrap())];
    let (code, said) = Daemon::run(&dir.path().join("data"), &settings);
    assert_eq!(code, Some(78), "{said}");
    assert!(said.contains("CONSIGN_SIGN_KEY"), "{said}");
}

#[test]
fn an_address_in_use_is_said_plainly() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap().to_string();
    let dir = tempfile::tempdir().unwrap();
    let (code, said) = Daemon::run(dir.path(), &[("CONSIGN_HTTP_ADDR", &addr)]);
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains(&addr) && said.contains("CONSIGN_HTTP_ADDR"),
        "{said}"
    );
}

#[test]
fn a_token_is_asked_for_where_one_is_set() {
    let dir = tempfile::tempdir().unwrap();
    let token = "a-token-of-some-length";
    let daemon = Daemon::start(dir.path(), &[("CONSIGN_HTTP_TOKEN", token)]);
    let mut client = daemon.client();
    assert_eq!(client.post(&event("1", "{}")).unwrap().status, 401);
    let bearer = format!("Bearer {token}");
    let headers = [
        ("content-type", "application/cloudevents+json"),
        ("authorization", bearer.as_str()),
    ];
    let body = event("2", "{}");
    let answer = client
        .request("POST", "/v1/events", &headers, body.as_bytes())
        .unwrap();
    assert_eq!(answer.status, 204);
    assert_eq!(client.get("/livez").unwrap().status, 200);
    let (status, log) = daemon.stop();
    assert!(status.success());
    assert!(!log.contains(token));
}

#[test]
fn check_config_prints_the_settings_and_the_stack_and_starts_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let mut command = Daemon::command(&data, &[]);
    let output = command.arg("--check-config").output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("dlq(sign(redact(journal)))"), "{said}");
    assert!(said.contains("CONSIGN_HTTP_ADDR"), "{said}");
    assert!(!data.exists());
}
