//! Hostile input gets the right answer, harms no other event and costs no memory.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::support::{Daemon, event};

#[test]
fn malformed_events_get_the_right_4xx() {
    let dir = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(dir.path(), &[]);
    let mut client = daemon.client();
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let with = |members: &str| {
        format!(r#"{{"specversion":"1.0","id":"1","source":"/s","type":"t",{members}}}"#)
    };
    let cases: [(&str, Vec<u8>, u16); 10] = [
        (
            "duplicate keys",
            with(r#""data":{"a":1,"\u0061":2}"#).into(),
            400,
        ),
        ("duplicate attributes", with(r#""id":"2""#).into(), 400),
        ("depth 100,000", event("1", &deep).into(), 400),
        (
            "invalid UTF-8",
            [event("1", "\"").as_bytes(), b"\xff\"}"].concat(),
            400,
        ),
        ("1e999 as an extension", with(r#""big":1e999"#).into(), 400),
        ("1e999 in data", event("1", "[1e999,-0,1.10]").into(), 204),
        ("a lone surrogate", event("1", r#""\ud800""#).into(), 400),
        (
            "an event over 256 KiB",
            event("1", &format!("\"{}\"", "x".repeat(300_000))).into(),
            413,
        ),
        ("nothing", Vec::new(), 400),
        ("an array", b"[]".to_vec(), 400),
    ];
    for (case, body, status) in cases {
        let structured = [("content-type", "application/cloudevents+json")];
        let answer = client
            .request("POST", "/v1/events", &structured, &body)
            .unwrap();
        assert_eq!(answer.status, status, "{case}: {}", answer.body);
        if answer.status == 413 {
            client = daemon.client();
        }
    }
    let avro = [("content-type", "application/cloudevents+avro")];
    assert_eq!(
        client
            .request("POST", "/v1/events", &avro, b"x")
            .unwrap()
            .status,
        415
    );
    assert_eq!(client.post(&event("after", "{}")).unwrap().status, 204);
    assert!(daemon.stop().0.success());
}

#[test]
fn bodies_of_20_mib_are_refused_and_memory_stays_flat() {
    let dir = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(dir.path(), &[]);
    assert_eq!(
        daemon.client().post(&event("warm", "{}")).unwrap().status,
        204
    );
    let before = resident(daemon.pid());
    for round in 0..20 {
        let mut stream = TcpStream::connect(daemon.addr()).unwrap();
        let length = 20 << 20;
        let framing = if round % 2 == 0 {
            format!("content-length: {length}")
        } else {
            "transfer-encoding: chunked".to_owned()
        };
        let head = format!(
            "POST /v1/events HTTP/1.1\r\nhost: localhost\r\n\
             content-type: application/cloudevents+json\r\n{framing}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        let block = vec![b'['; 1 << 20];
        for _ in 0..20 {
            let chunk = [b"100000\r\n", block.as_slice(), b"\r\n"].concat();
            let part = if round % 2 == 0 { &block } else { &chunk };
            // The daemon may hang up as soon as it has seen too much.
            if stream.write_all(part).is_err() {
                break;
            }
        }
        let mut answer = [0; 12];
        if stream.read_exact(&mut answer).is_ok() {
            assert_eq!(&answer, b"HTTP/1.1 413");
        }
    }
    let grown = resident(daemon.pid()).saturating_sub(before);
    assert!(grown < 16 << 20, "memory grew by {grown} bytes");
    assert_eq!(
        daemon.client().post(&event("after", "{}")).unwrap().status,
        204
    );
}

#[test]
fn slow_clients_hold_up_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(dir.path(), &[]);
    let slow: Vec<TcpStream> = (0..100)
        .map(|_| {
            let mut stream = TcpStream::connect(daemon.addr()).unwrap();
            stream
                .write_all(b"POST /v1/events HTTP/1.1\r\nhost: loc")
                .unwrap();
            stream
        })
        .collect();
    let start = Instant::now();
    assert_eq!(daemon.client().post(&event("1", "{}")).unwrap().status, 204);
    assert!(start.elapsed() < Duration::from_secs(5));
    let mut first = slow.into_iter().next().unwrap();
    first
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    // The daemon gives up on it: an answer or the end of the connection, before our own time-out.
    let mut answer = Vec::new();
    first.read_to_end(&mut answer).unwrap();
}

/// The resident set of a process in bytes.
fn resident(pid: u32) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    let kib: usize = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib * 1024
}
