use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::run::{bare, err, ok};

#[test]
fn a_context_is_kept_as_natscli_keeps_it() {
    let home = tempfile::tempdir().unwrap();
    let consign = |arguments: &[&str]| consign(home.path(), arguments);
    let login = ["--user", "me", "--password", "hunter2"];
    let add = [
        "context",
        "add",
        "prod",
        "--server",
        "tls://n:4222",
        "--description",
        "D",
    ];
    ok(&consign(&[&add[..], &login].concat()));
    ok(&consign(&["context", "add", "test", "--token", "hunter2"]));
    let file = home.path().join("nats/context/prod.json");
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let kept: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    for (field, value) in [
        ("url", "tls://n:4222"),
        ("user", "me"),
        ("password", "hunter2"),
    ] {
        assert_eq!(kept[field], value);
    }
    assert_eq!(
        consign(&add).status.code(),
        Some(1),
        "none is overwritten unasked"
    );

    ok(&consign(&["context", "use", "prod"]));
    let selected = fs::read_to_string(home.path().join("nats/context.txt")).unwrap();
    assert_eq!(selected.trim(), "prod");
    assert_eq!(
        ok(&consign(&["context", "ls", "-o", "name"])),
        "prod\ntest\n"
    );
    let list = ok(&consign(&["ctx", "ls", "-o", "json"]));
    let list: Value = serde_json::from_str(&list).unwrap();
    assert_eq!(list["kind"], "ContextList");
    assert_eq!(list["items"][0]["selected"], true);
    let shown = consign(&["context", "show"]);
    assert!(ok(&shown).contains("tls://n:4222"), "{shown:?}");
    for output in [&shown, &consign(&["context", "show", "test", "-o", "yaml"])] {
        let said = format!("{}{}", ok(output), err(output));
        assert!(
            said.contains("set, not shown") && !said.contains("hunter2"),
            "{said}"
        );
    }

    let unasked = consign(&["context", "rm", "prod"]);
    assert_eq!(unasked.status.code(), Some(2), "{unasked:?}");
    ok(&consign(&["context", "rm", "prod", "--dry-run"]));
    assert!(file.exists());
    ok(&consign(&["context", "rm", "prod", "--yes"]));
    assert!(!file.exists());
    assert_eq!(
        consign(&["context", "show"]).status.code(),
        Some(1),
        "none is selected"
    );
}

#[test]
fn what_natscli_wrote_is_read_and_what_is_wrong_is_said() {
    let home = tempfile::tempdir().unwrap();
    let contexts = home.path().join("nats/context");
    fs::create_dir_all(&contexts).unwrap();
    let write = |name: &str, text: &str| fs::write(contexts.join(name), text).unwrap();
    write(
        "good.json",
        r#"{"description":"","url":"nats://u:hunter2@a:4222,b:4222","token":"","nsc":"",
        "jetstream_domain":"hub","color_scheme":"","tls_first":false}"#,
    );
    write("bad.json", r#"{"url": 7, "token": "hunter2"}"#);
    let listed = consign(home.path(), &["context", "ls"]);
    let table = ok(&listed);
    assert!(
        table.contains("UNUSABLE") && table.contains("nats://a:4222,b:4222"),
        "{table}"
    );
    assert!(!format!("{table}{}", err(&listed)).contains("hunter2"));
    let shown = ok(&consign(home.path(), &["context", "show", "good"]));
    assert!(
        shown.contains("hub") && !shown.contains("hunter2"),
        "{shown}"
    );
    let bad = consign(home.path(), &["context", "show", "bad"]);
    assert!(err(&bad).contains("line 1"), "{bad:?}");
    for name in ["none", "../good", "a b", ""] {
        let output = consign(home.path(), &["context", "use", name]);
        assert!(
            matches!(output.status.code(), Some(1 | 2)),
            "{name} {output:?}"
        );
        assert!(!home.path().join("nats/context.txt").exists());
    }
}

fn consign(home: &Path, arguments: &[&str]) -> Output {
    let mut command = bare(arguments);
    command.env("XDG_CONFIG_HOME", home);
    command.output().unwrap()
}
