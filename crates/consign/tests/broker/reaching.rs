use std::fs;
use std::net::TcpStream;
use std::process::Command;

use crate::rig::{Rig, bare, err, ok};

#[test]
fn a_broker_that_is_away_exits_69_with_what_to_type() {
    let output = bare(&["stream", "ensure", "-s", "nats://user:hunter2@127.0.0.1:1"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(69), "{output:?}");
    let said = err(&output);
    assert!(
        said.starts_with("error: reach a broker at nats://127.0.0.1:1\n"),
        "{said}"
    );
    assert!(said.contains("\ntry: "), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
}

#[test]
fn a_server_needs_no_scheme_in_flag_or_variable() {
    let rig = Rig::start();
    let url = rig.server.url();
    let place = url.strip_prefix("nats://").unwrap();
    let dry = ["stream", "ensure", "--dry-run"];
    ok(&bare(&dry).args(["-s", place]).output().unwrap());
    ok(&bare(&dry).env("NATS_URL", place).output().unwrap());
}

#[test]
fn a_flag_that_is_wrong_is_a_mistake_of_the_command_line() {
    let wrong = [
        ("--server", "http://h"),
        ("--server", "h:x"),
        ("--timeout", "0s"),
    ];
    for (flag, value) in wrong {
        let output = bare(&["stream", "ls", flag, value]).output().unwrap();
        let said = err(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.starts_with(&format!("error: use {flag}\n")), "{said}");
        assert!(!said.contains("config validate"), "{said}");
    }
    let mut variable = bare(&["stream", "ls"]);
    let output = variable.env("NATS_URL", "http://h").output().unwrap();
    assert_eq!(output.status.code(), Some(78), "{output:?}");
    assert!(err(&output).contains("config validate"), "{output:?}");
}

#[test]
fn natscli_names_the_broker_by_variable_context_and_selection() {
    let rig = Rig::start();
    let url = rig.server.url();
    let dry = ["stream", "ensure", "--dry-run"];
    ok(&bare(&dry).env("NATS_URL", &url).output().unwrap());

    let config = tempfile::tempdir().unwrap();
    let contexts = config.path().join("nats/context");
    fs::create_dir_all(&contexts).unwrap();
    let context = format!(r#"{{"description":"here","url":"{url}"}}"#);
    fs::write(contexts.join("here.json"), context).unwrap();
    let at = |arguments: &[&str]| {
        let mut command = bare(arguments);
        command.env("XDG_CONFIG_HOME", config.path());
        command
    };
    ok(&at(&dry).args(["--context", "here"]).output().unwrap());
    // A flag stands above a variable, whichever of the two names the broker.
    let mut other = at(&dry);
    other
        .env("NATS_URL", "nats://127.0.0.1:1")
        .args(["--context", "here"]);
    ok(&other.output().unwrap());
    let mut other = at(&dry);
    other.env("NATS_CONTEXT", "none").args(["-s", &url]);
    ok(&other.output().unwrap());

    fs::write(config.path().join("nats/context.txt"), "here").unwrap();
    ok(&at(&dry).output().unwrap());
}

#[test]
fn where_only_a_journal_is_the_advice_is_to_read_it() {
    if TcpStream::connect("127.0.0.1:4222").is_ok() {
        eprintln!("skipped: a broker of this machine's own is where none should be");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let at_home = |arguments: &[&str]| {
        let mut command = bare(arguments);
        command
            .current_dir(home.path())
            .env("XDG_CONFIG_HOME", home.path());
        command
    };
    let commands = [
        &["replay", "--all"][..],
        &["stream", "ls"],
        &["subscribe", ">"],
    ];
    let said = |command: &mut Command| {
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(69), "{output:?}");
        err(&output)
    };
    let dead = "nats://127.0.0.1:1";
    let journal = home.path().join("consign-data/journal");
    fs::create_dir_all(&journal).unwrap();
    for command in commands {
        // A journal that is empty is none.
        let none = said(&mut at_home(command));
        assert!(!none.contains("--dir"), "{none}");
    }
    fs::write(journal.join("1.jsonl"), "{}\n").unwrap();
    for command in commands {
        let told = said(&mut at_home(command));
        assert!(
            told.contains("\ntry: consign replay --dir ./consign-data, "),
            "{told}"
        );
        let named = said(at_home(command).args(["--server", dead]));
        assert!(!named.contains("--dir"), "{named}");
    }
    let mut elsewhere = bare(&["replay"]);
    let told = said(elsewhere.env("CONSIGN_DATA_DIR", home.path().join("consign-data")));
    assert!(
        told.contains(&format!("--dir {}/consign-data, ", home.path().display())),
        "{told}"
    );
}
