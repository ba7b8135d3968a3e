//! Command lines that a shell completes.

use std::path::Path;

use crate::rig::{Rig, bare, ok};
use crate::terminal::Terminal;

/// A bash at a terminal that has read the script.
fn bash() -> Terminal {
    let program = Path::new(env!("CARGO_BIN_EXE_consign"));
    let path = format!("{}:/usr/bin:/bin", program.parent().unwrap().display());
    let mut bash = Terminal::of("bash --norc --noprofile", &[("PATH", &path), ("PS1", "$ ")]);
    bash.types("bind 'set enable-bracketed-paste off'; source <(consign completion bash)\r");
    bash.types("echo rea''dy\r");
    bash.shows("\nready");
    bash
}

/// What takes back all that was typed on the line.
const NO_LINE: &str = "\u{15}";

#[test]
fn bash_completes_words_flags_and_the_names_of_streams() {
    let rig = Rig::with_streams();
    let url = rig.server.url();
    let mut bash = bash();
    for (typed, completed) in [
        ("consign purg", "consign purge "),
        ("consign stream sub", "consign stream subjects "),
        ("consign dlq ls --are", "consign dlq ls --area "),
        ("consign event con", "consign event convert "),
    ] {
        bash.types(&format!("{typed}\t"));
        bash.shows(completed);
        bash.types(NO_LINE);
    }
    bash.types(&format!("export NATS_URL={url}\r"));
    for (typed, completed) in [
        (
            format!("consign stream info --server {url} CONSIGN_AUD"),
            "CONSIGN_AUDIT ",
        ),
        (
            format!("consign --server={url} purge CONSIGN_AUD"),
            "CONSIGN_AUDIT ",
        ),
        (
            format!("consign replay -s {url} --stream CONSIGN_EV"),
            "CONSIGN_EVENTS ",
        ),
        (
            "HOME=/ consign consumers CONSIGN_AUD".to_owned(),
            "CONSIGN_AUDIT ",
        ),
    ] {
        bash.types(&format!("{typed}\t"));
        bash.shows(completed);
        bash.types(NO_LINE);
        bash.forgets();
    }
    bash.types("exit 0\r");
    assert_eq!(bash.end().0, Some(0));
}

#[test]
fn a_broker_that_is_away_costs_a_moment_and_says_nothing() {
    let begun = std::time::Instant::now();
    let line = [
        "--",
        "consign",
        "stream",
        "info",
        "-s",
        "nats://127.0.0.1:1",
        "",
    ];
    for shell in ["bash", "fish", "zsh", "elvish", "powershell"] {
        let mut asking = bare(&line);
        asking
            .env("_CONSIGN_COMPLETE", shell)
            .env("_CLAP_COMPLETE_INDEX", "5");
        let output = asking.output().unwrap();
        assert!(!ok(&output).contains("CONSIGN_AUDIT"), "{shell} {output:?}");
        assert!(output.stderr.is_empty(), "{shell} {output:?}");
    }
    assert!(begun.elapsed().as_secs() < 10);
}

#[test]
fn every_shell_is_answered() {
    let rig = Rig::with_streams();
    let url = rig.server.url();
    for shell in ["fish", "zsh", "elvish", "powershell"] {
        let line = ["--", "consign", "stream", "info", "-s", &url, "CONSIGN_AU"];
        let mut asking = bare(&line);
        asking
            .env("_CONSIGN_COMPLETE", shell)
            .env("_CLAP_COMPLETE_INDEX", "5");
        assert!(
            ok(&asking.output().unwrap()).contains("CONSIGN_AUDIT"),
            "{shell}"
        );
    }
}
