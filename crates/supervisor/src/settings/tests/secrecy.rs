use super::{Files, read, read_with};
use crate::settings::names::rows;
use crate::settings::row::Availability;
use crate::settings::{Problems, Report, Settings};

const CANARY: &str = "c4nary";

fn assert_silent(read: Result<(Settings, Report), Problems>, what: &str) {
    let (mut texts, report) = match read {
        Ok((settings, report)) => (
            vec![format!("{settings:?}"), format!("{settings:#?}")],
            report,
        ),
        Err(problems) => {
            let texts = vec![
                problems.render(),
                problems.to_string(),
                format!("{problems:?}"),
                problems.iter().map(ToString::to_string).collect(),
            ];
            (texts, problems.report().clone())
        }
    };
    texts.extend([
        report.show(),
        report.to_json().to_string(),
        format!("{report:?}"),
    ]);
    texts.extend(report.notices().map(str::to_owned));
    texts.extend(rows().map(|row| report.explain(row.name).unwrap()));
    for text in texts {
        assert!(!text.contains(CANARY), "{what}: {text}");
    }
}

#[test]
fn no_secret_is_in_any_output() {
    let files = Files::new();
    let secrets: Vec<&str> = rows()
        .filter(|row| row.is_secret())
        .map(|row| row.name)
        .collect();
    assert!(secrets.len() >= 5, "{secrets:?}");
    for name in secrets {
        let file_name = format!("{name}_FILE");
        let key = name.trim_start_matches("CONSIGN_").to_lowercase();
        for (text, mode) in [
            ("c4nary", 0o600),
            ("c4nary c4nary c4nary", 0o600),
            ("postgres://u:c4nary@h/d", 0o600),
            ("c4nary\u{fffd}", 0o644),
            ("c4nary\0\n", 0o640),
        ] {
            let private = files.write("secret", text, mode);
            assert_silent(read(&[(name, text)]), name);
            assert_silent(read(&[(&file_name, text)]), name);
            assert_silent(read(&[(&file_name, &private)]), name);
            assert_silent(read(&[(name, text), (&file_name, &private)]), name);
            let toml = format!("{key} = {}\n", toml::Value::String(text.to_owned()));
            let config = files.write("consign.toml", &toml, mode);
            assert_silent(read(&[("CONSIGN_CONFIG", &config)]), name);
            let toml = format!("{key} = ['{CANARY}', 1]\n");
            let config = files.write("consign.toml", &toml, mode);
            assert_silent(read(&[("CONSIGN_CONFIG", &config)]), name);
            let config = files.write("consign.toml", &format!("{key} = {CANARY}\n"), mode);
            assert_silent(read(&[("CONSIGN_CONFIG", &config)]), name);
            // The same for a build that lacks everything.
            assert_silent(read_with(&[(name, text)], |_| Availability::Later), name);
        }
    }
}

#[test]
fn no_credential_in_a_url_is_in_any_output() {
    for url in [
        "nats://u:c4nary@h",
        "nats://c4nary@h:4222,nats://h2",
        "nats://u:c4na,ry-c4nary@h",
        "nats://u:c4nary@",
        "u:c4nary@h",
        "nats://h/?token=c4nary",
        "nats:c4nary",
        "c4nary",
    ] {
        assert_silent(read(&[("CONSIGN_NATS_URL", url)]), url);
        assert_silent(
            read(&[("NATS_URL", url), ("CONSIGN_NATS_URL", "nats://a")]),
            url,
        );
    }
    // A URL with a password may get into the wrong variable.
    for row in rows().filter(|row| row.name != "CONSIGN_SUBJECT") {
        let read = read(&[(row.name, "postgres://u:c4nary@h/d")]);
        let refused = |problems: &Problems| problems.report().entry(row.name).unwrap().faulty;
        if read.as_ref().is_err_and(refused) {
            assert_silent(read, row.name);
        }
    }
}

#[test]
fn a_secret_in_place_of_its_path_is_in_no_output() {
    for name in [
        "CONSIGN_NATS_CREDS_FILE",
        "NATS_NKEY",
        "CONSIGN_NATS_KEY_FILE",
        "NATS_CREDS",
    ] {
        assert_silent(read(&[(name, "c4nary")]), name);
        assert_silent(read(&[(name, "-----BEGIN\nc4nary\n-----END")]), name);
    }
}
