use super::{Availability, Files, Flags, load, problems, read, report, settings};
use crate::settings::Bytes;

#[test]
fn the_strongest_source_wins() {
    let files = Files::new();
    let config = files.write("consign.toml", "nats_url = 'nats://file'\n", 0o644);
    let layers = [
        (
            "CONSIGN_NATS_URL",
            "nats://own",
            "nats://own",
            "env CONSIGN_NATS_URL",
        ),
        (
            "NATS_URL",
            "nats://alias",
            "nats://alias",
            "env NATS_URL (alias; CONSIGN_NATS_URL not set)",
        ),
        (
            "CRUVERO_NATS_URL",
            "nats://old",
            "nats://old",
            "env CRUVERO_NATS_URL (earlier name; CONSIGN_NATS_URL not set)",
        ),
        (
            "CONSIGN_CONFIG",
            config.as_str(),
            "nats://file",
            "nats_url in ",
        ),
    ];
    for strongest in 0..layers.len() {
        let variables: Vec<(&str, &str)> = layers[strongest..]
            .iter()
            .map(|(name, value, ..)| (*name, *value))
            .collect();
        let (settings, report) = read(&variables).unwrap();
        let (.., value, from) = layers[strongest];
        assert_eq!(settings.nats.url.unwrap().to_string(), value);
        let entry = report.entry("CONSIGN_NATS_URL").unwrap();
        assert!(
            entry.origin.explained("CONSIGN_NATS_URL").starts_with(from),
            "{entry:?}"
        );
        assert_eq!(entry.shadowed.len(), layers.len() - 1 - strongest);
    }
}

#[test]
fn a_flag_stands_above_everything_and_can_unset() {
    let mut flags = Flags::default();
    flags.set("CONSIGN_NATS_URL", "--server", "nats://flag");
    flags.unset("CONSIGN_NATS_CONTEXT");
    let lookup = |name: &str| match name {
        "CONSIGN_NATS_URL" => Some("nats://own".to_owned()),
        "NATS_CONTEXT" => Some("prod".to_owned()),
        _ => None,
    };
    let read = load(&flags, &lookup, &[], |_| Availability::Now);
    let Ok((settings, report)) = read else {
        panic!("nothing here contradicts");
    };
    assert_eq!(settings.nats.url.unwrap().to_string(), "nats://flag");
    assert_eq!(settings.nats.context, None);
    let entry = report.entry("CONSIGN_NATS_URL").unwrap();
    assert_eq!(entry.origin.to_string(), "--server");
    assert!(entry.shadowed.is_empty());
}

#[test]
fn rust_log_wins_over_ours() {
    let settings = settings(&[("CONSIGN_LOG", "warn"), ("RUST_LOG", "debug")]);
    assert_eq!(settings.log.filter.as_str(), "debug");
}

#[test]
fn state_directory_makes_the_default() {
    for (variables, expected) in [
        (
            vec![("STATE_DIRECTORY", "/var/lib/a:/var/lib/b")],
            "/var/lib/a",
        ),
        (
            vec![
                ("STATE_DIRECTORY", "/var/lib/a"),
                ("CONSIGN_DATA_DIR", "/data"),
            ],
            "/data",
        ),
        (vec![("STATE_DIRECTORY", "")], "./consign-data"),
    ] {
        assert_eq!(settings(&variables).data_dir.to_str(), Some(expected));
        let report = report(&variables);
        assert_eq!(report.is_set("CONSIGN_DATA_DIR"), expected == "/data");
    }
}

#[test]
fn an_empty_value_is_not_set() {
    let settings = settings(&[
        ("CONSIGN_HTTP_ADDR", ""),
        ("CONSIGN_HTTP_TOKEN", ""),
        ("CONSIGN_HTTP_TOKEN_FILE", ""),
        ("CONSIGN_NATS_URL", ""),
        ("NATS_URL", "nats://alias"),
        ("CONSIGN_CONFIG", ""),
        ("CONSIGN_NO_SUCH_THING", ""),
    ]);
    assert_eq!(settings.http.addr.port(), 8080);
    assert!(settings.http.token.is_none());
    assert_eq!(settings.nats.url.unwrap().to_string(), "nats://alias");
}

#[test]
fn old_names_are_accepted_with_one_notice_each() {
    let report = report(&[
        ("CELL_OS_USE_NOOP_SINK", "0"),
        ("CELLOS_TENANT_ID", "acme"),
        ("CELLOS_DLQ_DIR", "/spool"),
        ("CONSIGN_DLQ_DIR", "/other"),
        ("NATS_TIMEOUT", "3s"),
    ]);
    let notices: Vec<&str> = report.notices().collect();
    assert_eq!(
        notices,
        [
            "CELL_OS_USE_NOOP_SINK accepted; new name CONSIGN_USE_NOOP",
            "CELLOS_TENANT_ID accepted; new name CONSIGN_TENANT_DEFAULT",
            "CELLOS_DLQ_DIR has no effect: CONSIGN_DLQ_DIR is set; new name CONSIGN_DLQ_DIR",
        ]
    );
}

#[test]
fn old_switches_are_booleans_too() {
    for off in ["0", "false", "no", "off"] {
        let settings = settings(&[
            ("CELL_OS_USE_NOOP_SINK", off),
            ("CELL_OS_REQUIRE_JETSTREAM", off),
        ]);
        assert!(
            !settings.use_noop && !settings.nats.require_jetstream,
            "{off}"
        );
    }
    for name in ["CELL_OS_USE_NOOP_SINK", "CELL_OS_REQUIRE_JETSTREAM"] {
        let problems = problems(&[(name, "disabled")]);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(
            problems[0].ends_with(&format!("(set by env {name})")),
            "{problems:?}"
        );
    }
}

#[test]
fn old_values_are_translated() {
    let settings = settings(&[
        ("CRUVERO_EVENTS_BACKEND", "nats"),
        ("CRUVERO_NATS_URL", "nats://old"),
    ]);
    assert_eq!(settings.sink_kinds().len(), 1);
    assert_eq!(settings.sink_kinds()[0].as_str(), "jetstream");
    // Our own names have our own words.
    assert_eq!(problems(&[("CONSIGN_SINK", "nats")]).len(), 1);
}

#[test]
fn unknown_names_are_errors_with_a_suggestion() {
    for (name, expected) in [
        (
            "CONSIGN_HTTP_ADRR",
            "is not a setting; did you mean CONSIGN_HTTP_ADDR",
        ),
        (
            "CONSIGN_REDACT_FEILDS",
            "is not a setting; did you mean CONSIGN_REDACT_FIELDS",
        ),
        (
            "CONSIGN_HTTP_TOKENFILE",
            "is not a setting; did you mean CONSIGN_HTTP_TOKEN_FILE",
        ),
        (
            "CONSIGN_TLQ_DIR",
            "is not a setting; did you mean CONSIGN_DLQ_DIR",
        ),
        (
            "CONSIGN_BANANA_SPLIT",
            "is not a setting; see consign config show",
        ),
        (
            "CONSIGN_HTTP_ADDR_FILE",
            "is not a setting; did you mean CONSIGN_HTTP_ADDR",
        ),
    ] {
        assert_eq!(
            problems(&[(name, "c4nary")]),
            [format!("{name} {expected}")]
        );
    }
}

#[test]
fn names_of_others_are_none_of_our_business() {
    let foreign = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://x"),
        ("CONSIGNEE", "x"),
        ("consign_http_addr", "x"),
        ("CELLOS_SOMETHING", "x"),
        ("CONSIGN_SERVICE_HOST", "10.0.0.1"),
        ("CONSIGN_PORT_8080_TCP_ADDR", "10.0.0.1"),
    ];
    assert_eq!(problems(&foreign), [""; 0]);
    assert_eq!(problems(&[("CONSIGN_PORT", "8080")]).len(), 1);
}

#[test]
fn what_is_not_utf8_is_refused() {
    let lossy = String::from_utf8_lossy(b"/data/\xff").into_owned();
    assert_eq!(
        problems(&[("CONSIGN_DATA_DIR", &lossy)]),
        ["CONSIGN_DATA_DIR is not UTF-8"]
    );
}

#[test]
fn the_file_is_read() {
    let files = Files::new();
    let text = "http_addr = '127.0.0.1:9000'\nmax_event_bytes = 131072\nstdin = true\n\
                redact_fields = ['a', 'b']\nlog = ''\n";
    let config = files.write("consign.toml", text, 0o644);
    let settings = settings(&[("CONSIGN_CONFIG", &config)]);
    assert_eq!(settings.http.addr.port(), 9000);
    assert_eq!(settings.max_event_bytes, Bytes::new(131_072));
    assert!(settings.stdin);
    assert_eq!(
        settings.redact.fields.unwrap().iter().collect::<Vec<_>>(),
        ["a", "b"]
    );
    assert_eq!(settings.log.filter.as_str(), "info");
}
