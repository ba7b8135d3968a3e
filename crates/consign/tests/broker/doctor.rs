use std::time::Duration;

use async_nats::jetstream::stream::{Config, RetentionPolicy, StorageType};
use serde_json::Value;

use crate::rig::{Rig, bare, err, ok, out};

#[test]
fn what_somebody_did_to_audit_is_named_and_exits_3() {
    let rig = Rig::start();
    ok(&rig.consign(&["stream", "ensure"]));
    ok(&rig.consign(&["stream", "verify"]));
    rig.replace(&Config {
        name: "CONSIGN_AUDIT".to_owned(),
        subjects: vec!["consign.audit.>".to_owned()],
        retention: RetentionPolicy::Interest,
        storage: StorageType::Memory,
        max_age: Duration::from_secs(3_600),
        ..Config::default()
    });
    let home = tempfile::tempdir().unwrap();
    let doctor = |more: &[&str]| {
        let url = rig.server.url();
        let mut command = bare(&["doctor", "--server", &url]);
        command.args(more).env("CONSIGN_DATA_DIR", home.path());
        command.env("CONSIGN_HTTP_ADDR", "127.0.0.1:1");
        command.output().unwrap()
    };
    let verify = rig.consign(&["stream", "verify"]);
    for output in [doctor(&[]), verify] {
        assert_eq!(output.status.code(), Some(3), "{output:?}");
        let said = out(&output);
        for code in [
            "retention",
            "storage-memory",
            "age-below-floor",
            "purge-allowed",
        ] {
            assert!(said.contains(code), "{code}\n{said}");
        }
        assert!(said.contains("try: "), "{said}");
    }
    let document: Value = serde_json::from_str(&out(&doctor(&["-o", "json"]))).unwrap();
    let items = document["items"].as_array().unwrap();
    let of = |what: &'static str| items.iter().filter(move |item| item["what"] == what);
    assert!(of("stream CONSIGN_AUDIT").count() >= 4, "{document}");
    assert!(of("stream CONSIGN_AUDIT").all(|item| item["try"].is_string()));
    assert!(of("stream CONSIGN_EVENTS").all(|item| item["verdict"] == "ok"));
    for (what, verdict) in [("broker", "ok"), ("clock", "ok"), ("supervisor", "skip")] {
        assert_eq!(of(what).next().unwrap()["verdict"], verdict, "{document}");
    }
}

#[test]
fn a_broker_that_is_away_exits_69_and_the_rest_is_checked() {
    let away = bare(&["doctor", "-s", "nats://me:hunter2@127.0.0.1:1"])
        .env("CONSIGN_HTTP_ADDR", "127.0.0.1:1")
        .output()
        .unwrap();
    assert_eq!(away.status.code(), Some(69), "{away:?}");
    let said = out(&away);
    for line in [
        "FAIL  broker",
        "ok    configuration",
        "spool room",
        "skip  streams",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
    assert!(!said.contains("hunter2") && !err(&away).contains("hunter2"));
}

#[test]
fn without_a_broker_it_is_skipped_and_files_that_others_can_read_are_named() {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt as _;

    let home = tempfile::tempdir().unwrap();
    fs::set_permissions(home.path(), Permissions::from_mode(0o700)).unwrap();
    let key = home.path().join("signing.pem");
    ok(&bare(&["key", "gen"]).arg(&key).output().unwrap());
    let doctor = |arguments: &[&str]| {
        bare(arguments)
            .env("CONSIGN_DATA_DIR", home.path())
            .env("CONSIGN_DLQ_MAX_BYTES", "1MiB")
            .env("CONSIGN_SIGN_KEY_FILE", &key)
            .env("CONSIGN_HTTP_ADDR", "127.0.0.1:1")
            .env("HOME", home.path())
            .output()
            .unwrap()
    };
    for arguments in [&["doctor"][..], &["doctor", "--offline"]] {
        let well = doctor(arguments);
        assert_eq!(well.status.code(), Some(0), "{well:?}");
        assert!(out(&well).contains("skip  broker"), "{well:?}");
        assert!(out(&well).contains("ok    signing key"), "{well:?}");
    }
    fs::set_permissions(home.path(), Permissions::from_mode(0o755)).unwrap();
    let open = doctor(&["doctor", "--offline"]);
    assert_eq!(open.status.code(), Some(3), "{open:?}");
    assert!(out(&open).contains("WARN  data directory"), "{open:?}");
    fs::set_permissions(&key, Permissions::from_mode(0o644)).unwrap();
    let open = doctor(&["doctor", "--offline"]);
    assert_eq!(open.status.code(), Some(3), "{open:?}");
    assert!(
        out(&open).contains("signing.pem: others can read it"),
        "{open:?}"
    );
}

#[test]
fn wrong_settings_are_a_finding() {
    let wrong = bare(&["doctor"])
        .env("CONSIGN_DLQ", "sometimes")
        .output()
        .unwrap();
    assert_eq!(wrong.status.code(), Some(3), "{wrong:?}");
    assert!(out(&wrong).contains("FAIL  configuration"), "{wrong:?}");
    assert!(out(&wrong).contains("CONSIGN_DLQ"), "{wrong:?}");
}
