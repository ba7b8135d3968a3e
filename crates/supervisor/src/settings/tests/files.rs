use std::fs;

use super::{Files, problems, read, report, settings};

#[test]
fn a_secret_is_read_from_its_file() {
    let files = Files::new();
    for (text, secret) in [
        ("sixteen-letters!", "sixteen-letters!"),
        ("sixteen-letters!\n", "sixteen-letters!"),
        ("sixteen-letters!\r\n", "sixteen-letters!"),
    ] {
        let path = files.write("token", text, 0o600);
        let settings = settings(&[("CONSIGN_HTTP_TOKEN_FILE", &path)]);
        assert_eq!(settings.http.token.unwrap().expose(), secret);
    }
}

#[test]
fn a_key_keeps_its_path_and_its_lines() {
    let files = Files::new();
    let pem = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    let path = files.write("key.pem", pem, 0o400);
    let settings = settings(&[("CONSIGN_SIGN_KEY_FILE", &path)]);
    assert_eq!(
        settings.sign_key_file().unwrap().to_str(),
        Some(path.as_str())
    );
    assert_eq!(settings.sign.key.unwrap().expose(), pem.trim_end());
}

#[test]
fn fc1_a_secret_set_twice_is_refused() {
    let files = Files::new();
    let path = files.write("key", "k", 0o600);
    assert_eq!(
        problems(&[
            ("CONSIGN_SIGN_KEY", "c4nary"),
            ("CONSIGN_SIGN_KEY_FILE", &path)
        ]),
        ["CONSIGN_SIGN_KEY and CONSIGN_SIGN_KEY_FILE are both set; keep one"]
    );
    let config = files.write(
        "consign.toml",
        &format!("sign_key='k'\nsign_key_file='{path}'\n"),
        0o600,
    );
    let problems = problems(&[("CONSIGN_CONFIG", &config)]);
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(
        problems[0].contains("and sign_key_file are both set; keep one"),
        "{problems:?}"
    );
}

#[test]
fn sources_of_different_strength_do_not_clash() {
    let files = Files::new();
    let path = files.write("token", "from-file", 0o600);
    let settings = settings(&[
        ("CONSIGN_NATS_TOKEN_FILE", &path),
        ("NATS_TOKEN", "from-alias"),
    ]);
    assert_eq!(settings.nats.token.unwrap().expose(), "from-file");
}

#[test]
fn fc1_files_that_others_reach_are_refused() {
    let files = Files::new();
    let names = [
        "CONSIGN_SIGN_KEY_FILE",
        "CONSIGN_NATS_CREDS_FILE",
        "CONSIGN_NATS_NKEY_FILE",
    ];
    for name in names {
        for mode in [0o644, 0o604, 0o602, 0o620, 0o660, 0o666, 0o606] {
            let path = files.write("secret", "k", mode);
            let problems = problems(&[(name, &path)]);
            assert_eq!(problems.len(), 1, "{name} {mode:o}");
            assert!(problems[0].contains("try chmod 600"), "{problems:?}");
            fs::remove_file(path).unwrap();
        }
        for (mode, noticed) in [(0o600, 0), (0o400, 0), (0o640, 1), (0o440, 1)] {
            let path = files.write("secret", "k", mode);
            let report = report(&[(name, &path)]);
            assert_eq!(report.notices().count(), noticed, "{name} {mode:o}");
            fs::remove_file(path).unwrap();
        }
    }
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let files = Files::new();
    let directory = files.path("");
    let empty = files.write("empty", "\n", 0o600);
    let binary = files.path("binary");
    fs::write(&binary, b"\xff\xfe").unwrap();
    let large = files.write("large", &"x".repeat(1 << 20 | 1), 0o600);
    for (path, reason) in [
        (files.path("none"), "no such file"),
        (directory, "not a regular file"),
        (empty, "the file is empty"),
        (binary, "the file is not UTF-8"),
        (large, "the file is larger than 1MiB"),
    ] {
        let problems = problems(&[("CONSIGN_SIGN_KEY_FILE", &path)]);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(
            problems[0].contains(&format!("{path}: {reason}")),
            "{problems:?}"
        );
    }
}

#[test]
fn a_named_pipe_does_not_stop_the_start() {
    let files = Files::new();
    let path = files.path("pipe");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &path,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR,
        0,
    )
    .unwrap();
    let problems = problems(&[("CONSIGN_SIGN_KEY_FILE", &path)]);
    assert!(problems[0].contains("not a regular file"), "{problems:?}");
}

#[test]
fn a_secret_in_the_file_of_settings_asks_for_privacy() {
    let files = Files::new();
    for (mode, problem_count) in [(0o600, 0), (0o640, 0), (0o644, 1), (0o660, 1)] {
        let config = files.write("consign.toml", "http_token = 'sixteen-letters!'\n", mode);
        let problems = problems(&[("CONSIGN_CONFIG", &config)]);
        assert_eq!(problems.len(), problem_count, "{mode:o} {problems:?}");
    }
}

#[test]
fn the_file_of_settings_is_strict() {
    let files = Files::new();
    let text =
        "http_adr = 'x'\nstdin = 1.5\nconfig = 'y'\nhttp_addr = '127.0.0.1'\n[nats]\nurl='z'\n";
    let config = files.write("consign.toml", text, 0o600);
    assert_eq!(
        problems(&[("CONSIGN_CONFIG", &config)]),
        [
            format!(
                "nats in {config} is neither a text, a whole number, a boolean nor a list of texts"
            ),
            format!(
                "stdin in {config} is neither a text, a whole number, a boolean nor a list of texts"
            ),
            format!(
                "CONSIGN_HTTP_ADDR \"127.0.0.1\" is not an IP address with a port; \
                 try 127.0.0.1:8080  (set by http_addr in {config})"
            ),
            format!("config in {config} is not a setting; see consign config show"),
            format!("http_adr in {config} is not a setting; did you mean http_addr"),
        ]
    );
}

#[test]
fn a_broken_file_of_settings_is_one_problem_and_hides_no_others() {
    let files = Files::new();
    let broken = files.write("broken.toml", "a = 1\nb = 'c4nary\n", 0o600);
    let missing = files.path("missing.toml");
    for (path, expected) in [
        (
            &broken,
            format!("CONSIGN_CONFIG {broken}: not valid TOML at line 2, column 12"),
        ),
        (&missing, format!("CONSIGN_CONFIG {missing}: no such file")),
    ] {
        let lines = problems(&[("CONSIGN_CONFIG", path), ("CONSIGN_STDIN", "maybe")]);
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert_eq!(lines[0], expected);
        assert!(lines[1].starts_with("CONSIGN_STDIN"), "{lines:?}");
    }
}

#[test]
fn a_file_that_is_named_relatively_is_read_and_not_quoted() {
    // What is no absolute path may be the secret itself.
    let problems = read(&[("CONSIGN_HTTP_TOKEN_FILE", "c4nary-token")]).unwrap_err();
    assert_eq!(
        problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [
            "CONSIGN_HTTP_TOKEN a relative path of 12 characters: no such file  \
          (set by env CONSIGN_HTTP_TOKEN_FILE)"
        ]
    );
}
