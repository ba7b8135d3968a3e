//! Of the chain: what it leaves behind verifies, with our verifier and with tools that others wrote.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use events_core::codec::{Limits, structured};
use sink_jsonl::read;
use sink_sign::dsse::{Envelope, PAYLOAD_TYPE, pae};
use sink_sign::{Audit, Mode, Order, PublicKeys, Report, Verifier};
use sink_testkit::nats::NatsServer;
use tempfile::TempDir;

use crate::support::{environment, example, keys, records, runs};

#[test]
fn the_host_leaves_a_journal_that_verifies() {
    let (home, said) = host();
    let stored = |line: &str| line.starts_with("stored Journal {");
    assert!(said.starts_with("chain sign(redact(journal))\n"), "{said}");
    assert_eq!(said.lines().skip(1).filter(|line| stored(line)).count(), 3);

    let keys = keys(&home.path().join("keys"));
    let lines = records(&home);
    let report = audit(&keys, &lines);
    assert_eq!((report.verified, report.findings()), (3, 0), "{report:?}");
    assert!(!said.contains("hunter2") && !lines.concat().contains("hunter2"));
    assert!(
        lines
            .iter()
            .all(|line| line.contains(r#""[REDACTED:key]""#))
    );

    let [first, _, last] = lines.as_slice() else {
        panic!("{} records", lines.len());
    };
    let report = audit(&keys, &[first.clone(), last.clone()]);
    assert_eq!(report.chains[0].holes.to_string(), "2", "{report:?}");
    let report = audit(&keys, &[first.clone(), last.replace("bob", "eve")]);
    assert_eq!((report.altered, report.findings()), (1, 1), "{report:?}");
}

#[test]
fn python_verifies_what_the_host_left() {
    let python = environment("CONSIGN_PYTHON").unwrap_or_else(|| "python3".into());
    if !runs(&python, &["-c", "import cryptography"]) {
        return;
    }
    let (home, _) = host();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("independent_verifier/verify.py");
    let verify = || {
        let mut command = Command::new(&python);
        command
            .arg(&script)
            .args(["--keys", "keys/public.jwks.json", "journal"]);
        let output = command.current_dir(&home).output().unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };
    let (code, said) = verify();
    assert!(
        code == Some(0) && said.ends_with("3 events, 0 findings\n"),
        "{said}"
    );

    let segment = read::segments(&home.path().join("journal"))
        .unwrap()
        .remove(0)
        .path;
    let text = fs::read_to_string(&segment).unwrap();
    fs::write(&segment, text.replacen("bob", "eve", 1)).unwrap();
    let (code, said) = verify();
    assert!(code == Some(3) && said.contains(":1: altered\n"), "{said}");
}

#[test]
fn openssl_verifies_a_signature_of_the_hosts() {
    if !runs("openssl".as_ref(), &["version"]) {
        return;
    }
    let (home, _) = host();
    let event = structured::decode(records(&home)[0].as_bytes(), Limits::UNLIMITED).unwrap();
    let material = event.extension("dssematerial").unwrap().as_str().unwrap();
    let envelope = Envelope::from_attribute(material).unwrap();
    let signature = &envelope.signatures[0];
    let keys = keys(&home.path().join("keys"));
    let (public, _) = keys.get(&signature.key_id).unwrap();
    fs::write(home.path().join("public.pem"), public.to_pem()).unwrap();
    fs::write(home.path().join("signature"), &signature.bytes).unwrap();
    let verifies = |message: &[u8]| {
        fs::write(home.path().join("message"), message).unwrap();
        let mut command = Command::new("openssl");
        command.args([
            "pkeyutl",
            "-verify",
            "-rawin",
            "-pubin",
            "-inkey",
            "public.pem",
        ]);
        command.args(["-sigfile", "signature", "-in", "message"]);
        command
            .current_dir(&home)
            .output()
            .unwrap()
            .status
            .success()
    };
    let message = pae(PAYLOAD_TYPE, &envelope.payload);
    assert!(verifies(&message));
    assert!(!verifies(&message[1..]));
}

#[test]
fn the_receipt_verifies_and_its_token_is_gone() {
    let home = TempDir::new().unwrap();
    let said = example("admission_receipt", &[home.path()]);
    assert!(!said.contains("ghp_"), "{said}");
    assert!(said.contains("[REDACTED:github-pat]"), "{said}");
    let receipt = structured::decode(said.as_bytes(), Limits::UNLIMITED).unwrap();
    let verifier = Verifier::new(keys(home.path()), Mode::Strict);
    assert!(verifier.check(&receipt).is_verified());

    let altered = said.replace(r#""admitted":true"#, r#""admitted":false"#);
    let altered = structured::decode(altered.as_bytes(), Limits::UNLIMITED).unwrap();
    assert!(!verifier.check(&altered).is_verified());
}

#[test]
fn the_custom_sink_does_what_every_leaf_must() {
    let said = example("custom_sink", &[]);
    assert_eq!(said, "the file sink does what every leaf must\n");
}

#[test]
fn a_publisher_of_ones_own_stands_in_for_the_broker() {
    let said = example("injected_publisher", &[]);
    let expected = "job-1 is delivered\n\
        job-2 is not: publish to jetstream\n\
        consign.events.single.job.started false\n\
        consign.events.single.job.started false\n";
    assert_eq!(said, expected);
}

#[test]
fn tenants_have_subjects_and_identities_of_their_own() {
    let said = example("tenants", &[]);
    for subject in [
        "acme.events.red.door.opened",
        "acme.events.blue.door.opened",
        "acme.events.green.door.opened",
        "acme.audit.red.door.opened",
    ] {
        assert!(said.contains(subject), "{said}");
    }
    let ids: Vec<&str> = said
        .lines()
        .filter_map(|line| line.split_once(".door.opened ").map(|(_, id)| id))
        .collect();
    assert!(ids.len() == 2 && ids[0] != ids[1], "{said}");
    assert_eq!(said.lines().filter(|line| line.contains("\": ")).count(), 6);
    assert!(!said.lines().any(|line| line.ends_with("\": ")), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_survived_and_made_up_for() {
    let Some(mut server) = NatsServer::start_or_skip().await else {
        return;
    };
    let url = server.url();
    let home = TempDir::new().unwrap();
    let stream = async_nats::jetstream::stream::Config {
        name: "METERS".to_owned(),
        subjects: vec!["consign.events.>".to_owned()],
        ..Default::default()
    };
    let client = async_nats::connect(&url).await.unwrap();
    let meters = async_nats::jetstream::new(client);
    let mut meters = meters.create_stream(stream).await.unwrap();
    server.kill().await.unwrap();
    let running = tokio::task::spawn_blocking({
        let (url, home) = (PathBuf::from(&url), home.path().to_owned());
        move || example("outage_and_redrive", &[&url, &home])
    });
    // Time enough for five events to be spilled; where it is not, they are delivered at once.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    server.restart().await.unwrap();
    let said = running.await.unwrap();
    assert!(said.starts_with("chain dlq(sign(jetstream))\n"), "{said}");
    assert!(said.contains("spilled Spool {"), "{said}");
    assert!(said.ends_with("left 0\n"), "{said}");
    assert_eq!(meters.info().await.unwrap().state.messages, 5);
}

#[test]
fn a_failing_child_costs_what_its_need_says() {
    let home = TempDir::new().unwrap();
    let said = example("fanout", &[home.path()]);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(
        lines,
        [
            "best-effort: delivered all the same",
            "  journal: delivered 1, failed 0, kept 0",
            "  remote: delivered 0, failed 1, kept 0",
            "required: unavailable: reach the remote",
            "required: delivered",
            "  journal: delivered 1, failed 0, kept 1",
            "  remote: delivered 1, failed 1, kept 0",
            "the remote has 1",
        ]
    );
    assert_eq!(records(&home).len(), 2);
}

/// The directory that the host worked in, and what it printed.
fn host() -> (TempDir, String) {
    let home = TempDir::new().unwrap();
    let said = example("host_binary", &[home.path()]);
    (home, said)
}

fn audit(keys: &PublicKeys, lines: &[String]) -> Report {
    let verifier = Verifier::new(keys.clone(), Mode::Strict);
    let mut audit = Audit::new(verifier, Order::Strict);
    audit.file("journal", lines.join("\n").as_bytes()).unwrap();
    audit.finish()
}
