use std::io::pipe;
use std::net::TcpListener;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::run::{bare, err, run};

#[test]
fn a_reader_that_has_gone_away_ends_it_in_silence() {
    for arguments in [&["config", "example"][..], &["version"], &["man"]] {
        let (reader, writer) = pipe().unwrap();
        drop(reader);
        let mut command = bare(arguments);
        command.stdout(writer).stderr(Stdio::piped());
        let output = command.spawn().unwrap().wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(141), "{arguments:?} {output:?}");
        assert_eq!(err(&output), "", "{arguments:?}");
    }
}

#[test]
fn a_peer_that_never_answers_is_given_up_after_the_time_told() {
    let peer = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", peer.local_addr().unwrap());
    for arguments in [&["status"][..], &["dlq", "ls"], &["dlq", "redrive", "7"]] {
        let begun = Instant::now();
        let told = ["--url", &url, "--timeout", "200ms"];
        let output = run(&[arguments, &told].concat());
        assert_eq!(output.status.code(), Some(69), "{arguments:?} {output:?}");
        let said = err(&output);
        assert!(
            said.contains("\ncause: nothing came within 200ms\n"),
            "{said}"
        );
        assert!(said.contains("\ntry: "), "{said}");
        assert!(begun.elapsed() < Duration::from_secs(5));
    }
    let before = run(&["--timeout", "200ms", "status", "--url", &url]);
    assert!(err(&before).contains("within 200ms"), "{before:?}");
    let wrong = run(&["status", "--timeout", "soon"]);
    assert_eq!(wrong.status.code(), Some(2), "{wrong:?}");
}

#[test]
fn an_interrupt_ends_it_as_shells_expect() {
    let peer = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", peer.local_addr().unwrap());
    let mut waiting = bare(&["status", "--url", &url]).spawn().unwrap();
    let _asked = peer.accept().unwrap();
    let pid = waiting.id().to_string();
    let sent = Command::new("kill").args(["-INT", &pid]).status().unwrap();
    assert!(sent.success());
    let status = waiting.wait().unwrap();
    // Shells say 130 for either, and stop a loop for the signal.
    assert!(
        status.signal() == Some(2) || status.code() == Some(130),
        "{status:?}"
    );
}
