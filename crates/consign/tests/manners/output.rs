use crate::run::{bare, err, ok, run};

#[test]
fn every_form_tells_the_same() {
    let json: serde_json::Value =
        serde_json::from_str(&ok(&run(&["config", "show", "-o", "json"]))).unwrap();
    let items = json["items"].as_array().unwrap();
    let yaml = ok(&run(&["config", "show", "--format", "yaml"]));
    assert!(yaml.contains("items:\n"), "{yaml}");
    assert_eq!(yaml.matches("name: ").count(), items.len());
    assert_eq!(
        ok(&run(&["--json", "version"])),
        ok(&run(&["version", "-o", "json"]))
    );
    let both = run(&["version", "--json", "-o", "yaml"]);
    assert_eq!(both.status.code(), Some(2), "{both:?}");
}

#[test]
fn lists_are_one_document_with_kind_and_items() {
    let dir = tempfile::tempdir().unwrap();
    let events = dir.path().join("events");
    let good = r#"{"specversion":"1.0","id":"1","source":"/a","type":"t"}"#;
    std::fs::write(&events, format!("{good}\n{{\"id\":\"\"}}\n")).unwrap();
    let judged = run(&["event", "validate", events.to_str().unwrap(), "-o", "json"]);
    assert_eq!(judged.status.code(), Some(3), "{judged:?}");
    let document: serde_json::Value = serde_json::from_slice(&judged.stdout).unwrap();
    assert_eq!(document["kind"], "EventJudgements");
    let items = document["items"].as_array().unwrap();
    assert_eq!(
        (&items[0]["valid"], &items[1]["valid"]),
        (&true.into(), &false.into())
    );
}

#[test]
fn quiet_leaves_remarks_out_and_errors_in() {
    let dir = tempfile::tempdir().unwrap();
    let key = dir.path().join("k.pem");
    let made = run(&["key", "gen", key.to_str().unwrap(), "-q"]);
    ok(&made);
    assert_eq!(err(&made), "");
    let again = run(&["-q", "key", "gen", key.to_str().unwrap()]);
    assert!(err(&again).starts_with("error: "), "{again:?}");
}

#[test]
fn colour_is_for_words_of_health_and_for_who_wants_it() {
    let home = tempfile::tempdir().unwrap();
    let consign = |arguments: &[&str]| {
        let mut command = bare(arguments);
        command.env("HOME", home.path());
        command
    };
    ok(&consign(&["context", "add", "here"]).output().unwrap());
    let ls = ["context", "ls"];
    let plain = ok(&consign(&ls).output().unwrap());
    assert!(
        plain.contains("ok") && !plain.contains('\u{1b}'),
        "{plain:?}"
    );
    let colored = |command: &mut std::process::Command| {
        ok(&command.output().unwrap()).contains("\u{1b}[32mok\u{1b}[0m")
    };
    assert!(colored(consign(&ls).args(["--color", "always"])));
    assert!(colored(consign(&ls).env("CLICOLOR_FORCE", "1")));
    assert!(!colored(
        consign(&ls).env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1")
    ));
    assert!(!colored(
        consign(&ls)
            .env("CLICOLOR_FORCE", "1")
            .args(["--color", "never"])
    ));
}
