//! Tools that others wrote agree with ours: the Python verifier and OpenSSL.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sink_sign::dsse::{Envelope, PAYLOAD_TYPE, pae};
use sink_sign::{Sign as _, SigningKey};

use super::support::{event, journal, key, keys, of_tenant, sealed};
use super::vectors::{VECTORS, vectors};

#[expect(
    clippy::disallowed_methods,
    reason = "tests learn from the environment where they run"
)]
fn environment(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// Runs a tool that may be missing on a developer's machine, and never on the build machine.
#[expect(clippy::print_stdout, reason = "a skipped test says so")]
fn available(program: &Path, arguments: &[&str]) -> bool {
    let runs = Command::new(program).args(arguments).output();
    let found = runs.is_ok_and(|output| output.status.success());
    let shown = program.display();
    assert!(
        found || environment("CI").is_none(),
        "{shown} {arguments:?} must run here"
    );
    if !found {
        println!("skipped: {shown} {arguments:?} does not run here");
    }
    found
}

/// A Python that has `cryptography`.
fn python() -> Option<PathBuf> {
    let python = environment("CONSIGN_PYTHON").unwrap_or_else(|| "python3".into());
    let python = PathBuf::from(python);
    available(&python, &["-c", "import cryptography"]).then_some(python)
}

fn openssl() -> Option<PathBuf> {
    let openssl = PathBuf::from("openssl");
    available(&openssl, &["version"]).then_some(openssl)
}

fn in_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn verify(python: &Path, keys: &str, files: &[(String, String)]) -> (Output, String) {
    let home = tempfile::tempdir().unwrap();
    let jwks = home.path().join("keys.jwks.json");
    fs::write(&jwks, keys).unwrap();
    let mut command = Command::new(python);
    let script = in_repository("../../examples/independent_verifier/verify.py");
    command.arg(script).arg("--all").arg("--keys").arg(jwks);
    for (name, text) in files {
        fs::write(home.path().join(name), text).unwrap();
        command.arg(name);
    }
    let output = command.current_dir(home.path()).output().unwrap();
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    (output, text)
}

#[test]
fn python_reaches_the_verdicts_of_the_vectors() {
    let Some(python) = python() else { return };
    let vectors = vectors();
    let events = vectors["events"].as_array().unwrap();
    let files: Vec<_> = events
        .iter()
        .enumerate()
        .map(|(place, event)| {
            (
                place.to_string(),
                event["line"].as_str().unwrap().to_owned(),
            )
        })
        .collect();
    let (_, text) = verify(&python, &vectors["keys"].to_string(), &files);
    for (place, event) in events.iter().enumerate() {
        let verdict = format!("{place}:1: {}", event["verdict"].as_str().unwrap());
        assert!(
            text.lines().any(|line| line == verdict),
            "{}: {verdict}",
            event["name"]
        );
    }
}

#[test]
fn the_vectors_are_what_python_makes() {
    let Some(python) = python() else { return };
    let script = in_repository("testdata/make_vectors.py");
    let output = Command::new(python).arg(script).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), VECTORS);
}

#[tokio::test]
async fn python_verifies_what_we_sign_and_finds_what_is_missing() {
    let Some(python) = python() else { return };
    let text = "\u{1b}[1m \u{8}\u{c} \"é\" \u{1F511}\n";
    let mut events: Vec<_> = [
        event("1").time("2020-06-18T19:24:53.123456789+02:00"),
        event("2")
            .integer_extension("count", -7)
            .boolean_extension("flag", true),
        event("3").data_content_type("text/plain").text(text),
        event("4")
            .data_content_type("image/png")
            .binary(vec![0, 1, 255]),
        event("5")
            .extension("sequence", "7")
            .extension("dssematerial", "e30="),
        event("6").json("null").subject("a \"b\" \\ ключ"),
    ]
    .into_iter()
    .map(|event| event.build().unwrap())
    .collect();
    events.push(of_tenant("7", "acme"));
    let mut lines = journal(events).await;
    let jwks = keys().to_jwks();
    let run =
        |lines: &[String]| verify(&python, &jwks, &[("journal".to_owned(), lines.join("\n"))]);
    let (output, text) = run(&lines);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.ends_with("7 events, 0 findings\n"), "{text}");

    lines.remove(2);
    let (output, text) = run(&lines);
    assert_eq!(output.status.code(), Some(3));
    assert!(text.contains("1 to 6, holes [3]"), "{text}");
    lines[3] = lines[3].replace(r#""originsequence":"7""#, r#""originsequence":"8""#);
    assert!(run(&lines).1.contains("journal:4: altered"));
}

#[test]
fn openssl_verifies_the_raw_signature() {
    let Some(openssl) = openssl() else { return };
    let event = sealed(event("1"));
    let material = event.extension("dssematerial").unwrap().as_str().unwrap();
    let envelope = Envelope::from_attribute(material).unwrap();
    let home = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = home.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let public = file("public.pem", key().public_key().to_pem().as_bytes());
    let signature = file("signature", &envelope.signatures[0].bytes);
    let verifies = |message: &[u8]| {
        let mut command = Command::new(&openssl);
        command
            .args(["pkeyutl", "-verify", "-rawin", "-pubin", "-inkey"])
            .arg(&public);
        command
            .arg("-sigfile")
            .arg(&signature)
            .arg("-in")
            .arg(file("message", message));
        command.output().unwrap().status.success()
    };
    let message = pae(PAYLOAD_TYPE, &envelope.payload);
    assert!(verifies(&message));
    assert!(!verifies(&message[1..]));
}

#[test]
fn openssl_and_we_read_each_others_keys() {
    let Some(openssl) = openssl() else { return };
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("theirs.pem");
    let run = |arguments: &[&str], path: &Path| {
        let output = Command::new(&openssl)
            .args(arguments)
            .arg(path)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    };
    run(&["genpkey", "-algorithm", "ed25519", "-out"], &path);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let theirs = SigningKey::load(&path).unwrap();
    let public = run(&["pkey", "-pubout", "-in"], &path);
    assert_eq!(public, theirs.public_key().to_pem());
    assert_eq!(*theirs.to_pem(), fs::read_to_string(&path).unwrap());

    let ours = SigningKey::create_once(home.path()).unwrap();
    let public = run(
        &["pkey", "-pubout", "-in"],
        &home.path().join("signing.pem"),
    );
    assert_eq!(public, ours.public_key().to_pem());
}
