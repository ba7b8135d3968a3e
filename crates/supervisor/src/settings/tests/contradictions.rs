use super::{Files, problems, read_now, settings};

/// Variables and what must be said of them, by its beginning; nothing when they are fine.
type Case = (
    &'static [(&'static str, &'static str)],
    &'static [&'static str],
);

fn check(cases: &[Case]) {
    for (variables, expected) in cases {
        let found = problems(variables);
        assert_eq!(found.len(), expected.len(), "{variables:?}: {found:?}");
        for (line, start) in found.iter().zip(*expected) {
            assert!(line.starts_with(start), "{variables:?}: {line}");
        }
    }
}

const TOKEN: &str = "sixteen-letters!";
const URL: (&str, &str) = ("CONSIGN_NATS_URL", "nats://a");

#[test]
fn doors() {
    check(&[
        (
            &[("CONSIGN_HTTP_ADDR", "0.0.0.0:80")],
            &["CONSIGN_HTTP_ADDR 0.0.0.0:80 is not loopback"],
        ),
        (
            &[("CONSIGN_HTTP_ADDR", "[::]:80")],
            &["CONSIGN_HTTP_ADDR [::]:80 is not loopback"],
        ),
        (&[("CONSIGN_HTTP_ADDR", "[::1]:80")], &[]),
        (&[("CONSIGN_HTTP_ADDR", "[::ffff:127.0.0.1]:80")], &[]),
        (&[("CONSIGN_HTTP_ADDR", "127.9.9.9:80")], &[]),
        (
            &[
                ("CONSIGN_HTTP_ADDR", "0.0.0.0:80"),
                ("CONSIGN_HTTP_TOKEN", TOKEN),
            ],
            &[],
        ),
        (
            &[
                ("CONSIGN_HTTP_ADDR", "0.0.0.0:80"),
                ("CONSIGN_HTTP_INSECURE", "true"),
            ],
            &[],
        ),
        (
            &[
                ("CONSIGN_HTTP_ADDR", "0.0.0.0:80"),
                ("CONSIGN_HTTP_INSECURE", "false"),
            ],
            &["CONSIGN_HTTP_ADDR 0.0.0.0:80 is not loopback"],
        ),
        (
            &[("CONSIGN_HTTP_TOKEN", "short")],
            &["CONSIGN_HTTP_TOKEN is shorter than 16"],
        ),
        (
            &[("CONSIGN_HTTP_TOKEN", "sixteen letters in")],
            &["CONSIGN_HTTP_TOKEN has a character"],
        ),
        (
            &[("CONSIGN_HTTP_MAX_BODY", "64KiB")],
            &["CONSIGN_MAX_EVENT_BYTES 256KiB is more than the 64KiB of CONSIGN_HTTP_MAX_BODY"],
        ),
        (
            &[
                ("CONSIGN_HTTP_MAX_BODY", "64KiB"),
                ("CONSIGN_MAX_EVENT_BYTES", "64KiB"),
            ],
            &[],
        ),
    ]);
}

#[test]
fn chain() {
    check(&[
        (
            &[("CONSIGN_REDACT", "off"), ("CONSIGN_REDACT_FIELDS", "a")],
            &["CONSIGN_REDACT_FIELDS is set, but CONSIGN_REDACT is off"],
        ),
        (
            &[("CONSIGN_REDACT", "file")],
            &["CONSIGN_REDACT is file, but CONSIGN_REDACT_RULES_FILE is not set"],
        ),
        (
            &[
                ("CONSIGN_SIGN", "off"),
                ("CONSIGN_SIGN_KEY", "k"),
                ("CONSIGN_SIGN_KEYID", "k"),
            ],
            &[
                "CONSIGN_SIGN_KEY is set, but",
                "CONSIGN_SIGN_KEYID is set, but",
            ],
        ),
        (
            &[("CONSIGN_SINK", "journal"), ("CONSIGN_USE_NOOP", "true")],
            &["CONSIGN_SINK names a sink, but CONSIGN_USE_NOOP"],
        ),
        (
            &[("CONSIGN_SINK", "noop"), ("CONSIGN_USE_NOOP", "true")],
            &[],
        ),
        (
            &[("CONSIGN_SUBJECT", "x"), ("CONSIGN_ROUTES", ">=y")],
            &["CONSIGN_SUBJECT has no effect beside CONSIGN_ROUTES"],
        ),
        (
            &[("CONSIGN_SINK", "noop,journal")],
            &["CONSIGN_SINK names noop beside other sinks"],
        ),
        (
            &[("CONSIGN_SINK", "journal,journal")],
            &["CONSIGN_SINK names journal twice"],
        ),
        (
            &[("CONSIGN_SINK", "jetstream")],
            &["CONSIGN_SINK names jetstream, but"],
        ),
        (
            &[
                ("CONSIGN_SINK", "jetstream"),
                ("CONSIGN_NATS_CONTEXT", "prod"),
            ],
            &[],
        ),
        (
            &[("CONSIGN_SINK", "store")],
            &["CONSIGN_SINK names store, but"],
        ),
        (
            &[("CONSIGN_JSONL_ROTATE_BYTES", "1MiB")],
            &["CONSIGN_JSONL_ROTATE_BYTES has no effect without"],
        ),
        (
            &[
                ("CONSIGN_JSONL_ROTATE_BYTES", "1MiB"),
                ("CONSIGN_JSONL_PATH", "/m.jsonl"),
            ],
            &[],
        ),
    ]);
}

#[test]
fn broker() {
    check(&[
        (
            &[
                ("CELL_OS_REQUIRE_JETSTREAM", "1"),
                ("CELL_OS_USE_NOOP_SINK", "1"),
            ],
            &["CONSIGN_REQUIRE_JETSTREAM contradicts CONSIGN_USE_NOOP"],
        ),
        (
            &[
                ("CELL_OS_REQUIRE_JETSTREAM", "1"),
                ("CELL_OS_USE_NOOP_SINK", "0"),
                URL,
            ],
            &[],
        ),
        (
            &[("CONSIGN_REQUIRE_JETSTREAM", "1")],
            &["CONSIGN_REQUIRE_JETSTREAM is true, but no event goes to JetStream"],
        ),
        (
            &[
                ("CONSIGN_REQUIRE_JETSTREAM", "1"),
                ("CONSIGN_SINK", "journal"),
                URL,
            ],
            &["CONSIGN_REQUIRE_JETSTREAM is true, but no event goes to JetStream"],
        ),
        (
            &[
                ("CONSIGN_REQUIRE_JETSTREAM", "1"),
                ("CONSIGN_ON_CONNECT_FAIL", "noop"),
                URL,
            ],
            &["CONSIGN_REQUIRE_JETSTREAM contradicts CONSIGN_ON_CONNECT_FAIL"],
        ),
        (
            &[
                ("CONSIGN_NATS_TOKEN", "t"),
                ("NATS_USER", "u"),
                ("NATS_PASSWORD", "p"),
            ],
            &["CONSIGN_NATS_TOKEN and CONSIGN_NATS_USER are both ways to log in"],
        ),
        (
            &[
                ("CONSIGN_NATS_TOKEN", "t"),
                ("CONSIGN_NATS_URL", "nats://u:p@a"),
            ],
            &["CONSIGN_NATS_TOKEN and CONSIGN_NATS_URL are both ways to log in"],
        ),
        (
            &[("NATS_USER", "u")],
            &["CONSIGN_NATS_USER is set without CONSIGN_NATS_PASSWORD"],
        ),
        (
            &[("NATS_PASSWORD", "p")],
            &["CONSIGN_NATS_PASSWORD is set without CONSIGN_NATS_USER"],
        ),
        (&[("NATS_USER", "u"), ("NATS_PASSWORD", "p")], &[]),
        (
            &[URL, ("NATS_CONTEXT", "prod")],
            &["CONSIGN_NATS_CONTEXT and CONSIGN_NATS_URL are both set"],
        ),
        (
            &[("CONSIGN_NATS_RECONNECT_WAIT", "4m")],
            &["CONSIGN_NATS_RECONNECT_WAIT is longer than"],
        ),
        (
            &[("DATABASE_URL", "mysql://u:c4nary@h")],
            &[
                "CONSIGN_STORE_URL begins with neither sqlite: nor postgres://  (set by env DATABASE",
            ],
        ),
    ]);
}

#[test]
fn certificates_come_in_pairs() {
    let files = Files::new();
    let certificate = files.write("cert", "c", 0o644);
    let key = files.write("key", "k", 0o600);
    let pair = [
        ("CONSIGN_NATS_CERT_FILE", certificate.as_str()),
        ("NATS_KEY", key.as_str()),
    ];
    assert_eq!(problems(&pair), [""; 0]);
    assert_eq!(
        problems(&pair[..1]),
        ["CONSIGN_NATS_CERT_FILE is set without CONSIGN_NATS_KEY_FILE; set both or none"]
    );
    assert_eq!(
        problems(&pair[1..]),
        [
            "CONSIGN_NATS_KEY_FILE is set without CONSIGN_NATS_CERT_FILE; set both or none  \
          (set by env NATS_KEY)"
        ]
    );
}

#[test]
fn rules_beside_switched_off_redaction_contradict() {
    let files = Files::new();
    let rules = files.write("rules", "", 0o644);
    let rules = ("CONSIGN_REDACT_RULES_FILE", rules.as_str());
    assert_eq!(problems(&[rules, ("CONSIGN_REDACT", "off")]).len(), 1);
    assert_eq!(problems(&[rules, ("CONSIGN_REDACT", "file")]).len(), 0);
    assert!(settings(&[rules]).redact.rules_file.is_some());
}

#[test]
fn profiles() {
    const HARDENED: (&str, &str) = ("CONSIGN_PROFILE", "hardened");
    const AIRGAPPED: (&str, &str) = ("CELLOS_DEPLOYMENT_PROFILE", "airgapped");
    const REQUIRE: (&str, &str) = ("CONSIGN_REQUIRE_JETSTREAM", "true");
    check(&[
        (&[HARDENED, URL, REQUIRE], &[]),
        (
            &[HARDENED],
            &[
                "CONSIGN_NATS_URL is not set;",
                "CONSIGN_REQUIRE_JETSTREAM is false;",
            ],
        ),
        (
            &[HARDENED, URL, REQUIRE, ("CONSIGN_SIGN", "off")],
            &["CONSIGN_SIGN is off;"],
        ),
        (
            &[HARDENED, URL, REQUIRE, ("CONSIGN_STREAMS", "off")],
            &["CONSIGN_STREAMS is off;"],
        ),
        (
            &[HARDENED, URL, REQUIRE, ("CONSIGN_HTTP_INSECURE", "1")],
            &["CONSIGN_HTTP_INSECURE is true;"],
        ),
        (
            &[HARDENED, URL, ("CONSIGN_ON_CONNECT_FAIL", "noop"), REQUIRE],
            &[
                "CONSIGN_REQUIRE_JETSTREAM contradicts",
                "CONSIGN_ON_CONNECT_FAIL is noop;",
            ],
        ),
        (&[AIRGAPPED], &[]),
        (&[AIRGAPPED, ("CONSIGN_SINK", "journal")], &[]),
        (
            &[AIRGAPPED, ("CONSIGN_SIGN", "off")],
            &["CONSIGN_SIGN is off;"],
        ),
        (
            &[AIRGAPPED, ("CONSIGN_USE_NOOP", "1")],
            &["CONSIGN_USE_NOOP is true;"],
        ),
        (
            &[AIRGAPPED, ("CONSIGN_SINK", "noop")],
            &["CONSIGN_SINK is noop;"],
        ),
        (
            &[AIRGAPPED, ("CONSIGN_SINK", "log")],
            &["CONSIGN_SINK is log;", "CONSIGN_SINK names more than"],
        ),
        (
            &[AIRGAPPED, ("CONSIGN_SINK", "journal,log")],
            &["CONSIGN_SINK names more than"],
        ),
        (&[AIRGAPPED, URL], &["CONSIGN_NATS_URL is set;"]),
        (
            &[("CONSIGN_PROFILE", "hardend")],
            &[
                "CONSIGN_PROFILE \"hardend\" is not one of portable, hardened, airgapped; \
             did you mean hardened",
            ],
        ),
    ]);
    assert!(read_now(&[AIRGAPPED]).is_ok());
}

#[test]
fn all_mistakes_are_reported_at_once() {
    let found = problems(&[
        ("CONSIGN_DLQ_MAX_BYTES", "10 potatoes"),
        ("CONSIGN_HTTP_ADDR", "0.0.0.0:80"),
        ("CONSIGN_SIGN", "off"),
        ("CONSIGN_SIGN_KEYID", "k"),
        ("CONSIGN_TENAT_DEFAULT", "x"),
        ("CONSIGN_STDIN", "maybe"),
    ]);
    let keys: Vec<&str> = found
        .iter()
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert_eq!(
        keys,
        [
            "CONSIGN_STDIN",
            "CONSIGN_DLQ_MAX_BYTES",
            "CONSIGN_TENAT_DEFAULT",
            "CONSIGN_HTTP_ADDR",
            "CONSIGN_SIGN_KEYID",
        ]
    );
}

#[test]
fn a_wrong_value_leads_to_no_further_complaint() {
    // The token is there, though it cannot be read: the address needs no second error.
    let found = problems(&[
        ("CONSIGN_HTTP_ADDR", "0.0.0.0:80"),
        ("CONSIGN_HTTP_TOKEN_FILE", "/no/such/file"),
    ]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("CONSIGN_HTTP_TOKEN "), "{found:?}");
}
