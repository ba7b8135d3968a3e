use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use events_http::DlqArea::Waiting;

use crate::host::{Host, bare, err, ok};

#[test]
fn nobody_there_is_69_whatever_is_asked() {
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let url = format!("http://{free}");
    for arguments in [
        &["status"][..],
        &["dlq", "ls"],
        &["dlq", "show", "1"],
        &["dlq", "redrive", "--all"],
        &["dlq", "export"],
        &["dlq", "drop", "1", "--yes"],
    ] {
        let output = bare(&[arguments, &["--url", &url]].concat())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(69), "{arguments:?} {output:?}");
        let said = err(&output);
        assert!(
            said.starts_with("error: ") && said.contains("\ntry: "),
            "{said}"
        );
        assert!(said.contains(&url), "{said}");
    }
}

#[test]
fn the_token_is_shown_when_there_is_one_and_never_told() {
    let host = Host::start_with(&[(7, Waiting, "t")], |config| {
        config.token = Some("correct-horse-battery".parse().unwrap());
    });
    let without = host.consign(&["dlq", "ls"]);
    assert_eq!(without.status.code(), Some(1));
    let said = err(&without);
    assert!(
        said.contains("none was shown") && said.contains("\ntry: CONSIGN_HTTP_TOKEN_FILE="),
        "{said}"
    );
    let ask = |token: &str| {
        bare(&[
            "dlq",
            "ls",
            "-o",
            "name",
            "--url",
            &format!("http://{}", host.addr),
        ])
        .env("CONSIGN_HTTP_TOKEN", token)
        .output()
        .unwrap()
    };
    let wrong = ask("wr0ng-horse-battery");
    assert_eq!(wrong.status.code(), Some(1));
    let said = err(&wrong);
    assert!(!said.contains("wr0ng-horse"));
    assert!(
        said.contains("does not know the token") && said.contains("SIGHUP"),
        "{said}"
    );
    assert_eq!(ok(&ask("correct-horse-battery")), "00000000000000000007\n");
}

#[test]
fn a_token_without_the_scope_is_told_from_a_wrong_one() {
    let host = Host::start_with(&[(7, Waiting, "t")], |config| {
        let token = "tail-horse-battery".parse().unwrap();
        config.tokens.add(token, ["tail".parse().unwrap()]);
    });
    let mut asking = bare(&[
        "dlq",
        "redrive",
        "7",
        "--url",
        &format!("http://{}", host.addr),
    ]);
    let refused = asking.env("CONSIGN_HTTP_TOKEN", "tail-horse-battery");
    let refused = refused.output().unwrap();
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    let said = err(&refused);
    assert!(said.contains("with the scope admin"), "{said}");
    assert!(
        said.contains("\ntry: another token, whose scopes allow it"),
        "{said}"
    );
    assert_eq!(host.ids(), [7]);
}

#[test]
fn a_url_that_is_none_and_wrong_settings_are_said() {
    for url in [
        "https://localhost",
        "http://me:s3cret@localhost",
        "localhost:8080",
    ] {
        let output = bare(&["status", "--url", url]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{url} {output:?}");
        assert!(!err(&output).contains("s3cret"));
    }
    let output = bare(&["status"])
        .env("CONSIGN_HTTP_ADDR", "nonsense")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(78), "{output:?}");
    assert!(err(&output).contains("CONSIGN_HTTP_ADDR"), "{output:?}");
}

#[test]
fn whoever_answers_something_else_is_no_supervisor() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        for answer in [
            "200 OK",
            "500 Oops",
            "302 Found\r\nlocation: http://localhost:1/",
        ] {
            let (mut stream, _) = listener.accept().unwrap();
            let mut head = [0; 4096];
            assert!(stream.read(&mut head).unwrap() > 0);
            let answer = format!(
                "HTTP/1.1 {answer}\r\nconnection: close\r\ncontent-length: 4\r\n\r\n\u{1b}[2J"
            );
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    for _ in 0..3 {
        let output = bare(&["dlq", "ls", "--url", &url]).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(
            !err(&output).contains('\u{1b}') && err(&output).contains("try: "),
            "{output:?}"
        );
    }
    server.join().unwrap();
}
