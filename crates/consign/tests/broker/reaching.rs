use std::fs;

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
