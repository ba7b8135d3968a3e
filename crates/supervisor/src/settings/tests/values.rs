use std::collections::BTreeSet;
use std::time::Duration;

use super::{Files, problems, read_now, settings};
use crate::settings::names::rows;
use crate::settings::{
    Bytes, DlqMode, Fsync, HealthEvery, Profile, Reconnects, RedactMode, SignMode, SinkChoice,
    SinkKind, StreamsMode, Tls, VerifyMode, WhenFull,
};

/// A right value and a wrong one for every setting whose values can be wrong. `@file` stands for
/// a private file, `@none` for a file that is not there.
const VALUES: &[(&str, &str, &str)] = &[
    ("CONSIGN_CONFIG", "@file", "@none"),
    ("CONSIGN_PROFILE", "portable", "hardend"),
    ("CONSIGN_STDIN", "yes", "maybe"),
    ("CONSIGN_SINK", "journal,log", "kafka"),
    ("CONSIGN_USE_NOOP", "ON", "enable"),
    ("CONSIGN_MAX_EVENT_BYTES", "960KiB", "961KiB"),
    ("CONSIGN_TENANT_DEFAULT", "acme_1-x", "a.b"),
    ("CONSIGN_SUBJECT", "x.{tenantId}.{runId}", "x.{tenant_id}"),
    ("CONSIGN_SUBJECT_PREFIX", "acme", "a.>"),
    ("CONSIGN_ROUTES", "audit.>={prefix}.a.{tenantId}", "audit.>"),
    ("CONSIGN_SHUTDOWN_GRACE", "1m 30s", "0s"),
    ("CONSIGN_HTTP_ADDR", "[::1]:80", "localhost:80"),
    ("CONSIGN_HTTP_TOKEN", "sixteen-letters!", "fifteen-letters"),
    ("CONSIGN_HTTP_INSECURE", "off", "2"),
    ("CONSIGN_HTTP_MAX_BODY", "262144", "63KiB"),
    ("CONSIGN_HTTP_MAX_BATCH", "1", "0"),
    ("CONSIGN_ADMIN_ADDR", "0.0.0.0:9090", "9090"),
    ("CONSIGN_READY_REQUIRES", "broker", "disk"),
    ("CONSIGN_REDACT", "off", "all"),
    ("CONSIGN_REDACT_FIELDS", "defaults,x", "a,,b"),
    ("CONSIGN_REDACT_RULES_FILE", "@file", "@none"),
    ("CONSIGN_SIGN", "off", "hmac-sha256"),
    ("CONSIGN_SIGN_KEYID", "k-1_a", "k.1"),
    ("CONSIGN_SIGN_EXTENSIONS", "tenantid,runid", "Tenant"),
    ("CONSIGN_VERIFY_POLICY", "warn,/pay=require", "warn,off"),
    ("CONSIGN_JOURNAL_MAX_BYTES", "1TiB", "10 potatoes"),
    ("CONSIGN_JOURNAL_MAX_AGE", "12h", "12"),
    ("CONSIGN_LOG", "warn,supervisor=trace", "inof"),
    ("CONSIGN_LOG_FORMAT", "json", "xml"),
    ("CONSIGN_NATS_URL", "nats://a:4222, tls://b", "http://a"),
    ("CONSIGN_NATS_CREDS_FILE", "@file", "@none"),
    ("CONSIGN_NATS_NKEY_FILE", "@file", "@none"),
    ("CONSIGN_NATS_CA_FILE", "@file", "@none"),
    ("CONSIGN_NATS_TLS", "first", "true"),
    ("CONSIGN_NATS_CONTEXT", "prod", "a\nb"),
    ("CONSIGN_NATS_CONTEXT_DIR", "/etc/nats", ""),
    ("CONSIGN_NATS_NAME", "me", "a\u{7}"),
    ("CONSIGN_NATS_DOMAIN", "hub", "a\tb"),
    ("CONSIGN_NATS_API_PREFIX", "$JS.hub.API", "a\nb"),
    ("CONSIGN_NATS_CONNECT_TIMEOUT", "250ms", "soon"),
    ("CONSIGN_NATS_RECONNECT_WAIT", "1s", "-1s"),
    ("CONSIGN_NATS_RECONNECT_MAX_WAIT", "10m", ""),
    ("CONSIGN_NATS_MAX_RECONNECTS", "7", "-2"),
    ("CONSIGN_NATS_ACK_TIMEOUT", "3s", "3"),
    ("CONSIGN_NATS_MAX_INFLIGHT", "1024", "1k"),
    ("CONSIGN_NATS_MODE", "binary", "batch"),
    ("CONSIGN_REQUIRE_JETSTREAM", "no", "disabled"),
    ("CONSIGN_ON_CONNECT_FAIL", "fail", "panic"),
    ("CONSIGN_STREAMS", "ensure", "create"),
    ("CONSIGN_STREAMS_FILE", "@file", "@none"),
    ("CONSIGN_STREAM_REPLICAS", "3", "6"),
    ("CONSIGN_AUDIT_MIN_RETENTION", "30d", "30 days?"),
    ("CONSIGN_DLQ", "off", "memory"),
    ("CONSIGN_DLQ_MAX_BYTES", "512MiB", "10 potatoes"),
    ("CONSIGN_DLQ_MAX_AGE", "7d", "7"),
    ("CONSIGN_DLQ_WHEN_FULL", "drop-oldest", "drop"),
    ("CONSIGN_DLQ_FSYNC", "100ms", "sometimes"),
    ("CONSIGN_DLQ_REDRIVE", "manual", "later"),
    ("CONSIGN_STORE_URL", "sqlite:x.db", "mysql://x"),
    ("CONSIGN_K8S_EVENTS", "off", "yes"),
    ("CONSIGN_K8S_RATE", "5/1m", "5"),
    ("CONSIGN_NODE_NAME", "edge-1", "a b"),
    ("CONSIGN_NODE_HEALTH_EVERY", "off", "99ms"),
    ("CONSIGN_K8S_MIN_SEVERITY", "error", "fatal"),
    ("CONSIGN_K8S_API", "http://127.0.0.1:8001", "http://u:p@h"),
    ("CONSIGN_K8S_NAMESPACE", "agents", "a\nb"),
    ("CONSIGN_K8S_POD", "gateway-0", "a\nb"),
    ("CONSIGN_K8S_POD_UID", "5a2c9f3e", "a\tb"),
    ("CONSIGN_ACL_FILE", "@file", "@none"),
    ("CONSIGN_IDEMPOTENCY_WINDOW", "5m", "0s"),
    ("CONSIGN_CONSOLE", "read-only", "readonly"),
    ("CONSIGN_SSE_BUFFER", "16", "0"),
    ("CONSIGN_SSE_MAX_CLIENTS", "8", "many"),
];

/// Settings that any text fits, and those that cannot be set alone.
const FREE: &str = "CONSIGN_DATA_DIR CONSIGN_VERIFY_KEYS_DIR CONSIGN_JSONL_PATH \
    CONSIGN_JSONL_ROTATE_BYTES CONSIGN_SIGN_KEY CONSIGN_NATS_TOKEN CONSIGN_NATS_USER \
    CONSIGN_NATS_PASSWORD CONSIGN_NATS_CERT_FILE CONSIGN_NATS_KEY_FILE CONSIGN_DLQ_DIR \
    CONSIGN_PACK_DIR CONSIGN_CONSOLE_DIR CONSIGN_HTTP_TOKENS_FILE";

#[test]
fn every_setting_takes_its_values_and_refuses_others() {
    let files = Files::new();
    let file = files.write("file", "# empty", 0o600);
    let none = files.path("none");
    let meant = |text: &'static str| match text {
        "@file" => file.as_str(),
        "@none" => none.as_str(),
        text => text,
    };
    for (name, right, wrong) in VALUES {
        assert_eq!(problems(&[(name, meant(right))]), [""; 0], "{name}={right}");
        if wrong.is_empty() {
            continue;
        }
        let problems = problems(&[(name, meant(wrong))]);
        assert_eq!(problems.len(), 1, "{name}={wrong}: {problems:?}");
        assert!(problems[0].starts_with(&format!("{name} ")), "{problems:?}");
    }
}

#[test]
fn no_setting_is_left_untested() {
    let tested: BTreeSet<&str> = VALUES
        .iter()
        .map(|(name, ..)| *name)
        .chain(FREE.split_whitespace())
        .collect();
    let declared: BTreeSet<&str> = rows().map(|row| row.name).collect();
    assert_eq!(tested, declared);
}

#[test]
fn defaults_are_those_promised() {
    let settings = settings(&[]);
    assert_eq!(settings.data_dir.to_str(), Some("./consign-data"));
    assert_eq!(settings.profile, Profile::Portable);
    assert_eq!(settings.sink, SinkChoice::Auto);
    assert_eq!(settings.sink_kinds(), [SinkKind::Journal]);
    assert!(!settings.stdin && !settings.use_noop && settings.routes.is_none());
    assert_eq!(settings.max_event_bytes, Bytes::new(256 << 10));
    assert_eq!(settings.tenant_default.as_str(), "single");
    assert_eq!(
        settings.subject.as_str(),
        "{prefix}.events.{tenantId}.{type}"
    );
    assert_eq!(settings.subject_prefix.as_str(), "consign");
    assert_eq!(settings.shutdown_grace, Duration::from_secs(20));
    assert_eq!(settings.http.addr.to_string(), "127.0.0.1:8080");
    assert!(settings.http.token.is_none() && !settings.http.insecure);
    assert_eq!(settings.http.max_body, Bytes::new(1 << 20));
    assert_eq!(settings.http.max_batch, 1000);
    assert_eq!(settings.redact.mode, RedactMode::Builtin);
    assert_eq!(settings.sign.mode, SignMode::Ed25519);
    assert_eq!(settings.journal.max_bytes, Bytes::new(10 << 30));
    assert_eq!(settings.journal.max_age, Duration::from_secs(90 * 86_400));
    assert_eq!(settings.log.filter.as_str(), "info");
    assert_eq!(settings.nats.tls, Tls::Auto);
    assert_eq!(settings.nats.connect_timeout, Duration::from_secs(5));
    assert_eq!(settings.nats.reconnect_wait, Duration::from_millis(100));
    assert_eq!(settings.nats.reconnect_max_wait, Duration::from_secs(180));
    assert_eq!(settings.nats.max_reconnects, Reconnects::Unlimited);
    assert_eq!(settings.nats.max_inflight, 256);
    assert_eq!(settings.streams.mode, StreamsMode::Verify);
    assert_eq!(settings.streams.replicas, 1);
    assert_eq!(settings.dlq.mode, DlqMode::File);
    assert_eq!(settings.spool_dir().to_str(), Some("./consign-data/spool"));
    assert_eq!(settings.dlq.max_bytes, Bytes::new(1 << 30));
    assert_eq!(settings.dlq.when_full, WhenFull::Reject);
    assert_eq!(settings.dlq.fsync, Fsync::Always);
    assert_eq!(settings.verify.policy.others, VerifyMode::Off);
    assert!(settings.node.name.is_none());
    let every = HealthEvery::Every(Duration::from_secs(30));
    assert_eq!(settings.node.health_every, every);
    assert_eq!(settings.router.idempotency_window, Duration::from_secs(120));
}

#[test]
fn values_arrive_typed() {
    let settings = settings(&[
        ("CONSIGN_NATS_URL", "nats://a:4222, tls://u:p@b"),
        ("CONSIGN_REDACT_FIELDS", "Defaults, argv ,token"),
        ("CONSIGN_DLQ_FSYNC", "100ms"),
        ("CONSIGN_DLQ_DIR", "/spool"),
        ("CONSIGN_K8S_RATE", "5/1m"),
        ("CONSIGN_NATS_MAX_RECONNECTS", "7"),
        ("CONSIGN_VERIFY_POLICY", "/pay=require,warn"),
        ("CONSIGN_ROUTES", "a.>={prefix}.a.{rest}, >=x.{type}"),
        ("CONSIGN_SINK", "jetstream, journal"),
    ]);
    let urls = settings.nats.url.as_ref().unwrap();
    let exposed: Vec<&str> = urls.iter().map(|url| url.expose()).collect();
    assert_eq!(exposed, ["nats://a:4222", "tls://u:p@b"]);
    assert_eq!(urls.to_string(), "nats://a:4222,tls://b");
    let fields = settings.redact.fields.as_ref().unwrap();
    assert_eq!(
        fields.iter().collect::<Vec<_>>(),
        ["argv", "path", "reason", "token"]
    );
    assert_eq!(settings.dlq.fsync, Fsync::Every(Duration::from_millis(100)));
    assert_eq!(settings.spool_dir().to_str(), Some("/spool"));
    assert_eq!(
        (
            settings.kubernetes.rate.burst,
            settings.kubernetes.rate.every.as_secs()
        ),
        (5, 60)
    );
    assert_eq!(settings.nats.max_reconnects, Reconnects::AtMost(7));
    assert_eq!(settings.verify.policy.others, VerifyMode::Warn);
    assert_eq!(
        settings.verify.policy.sources,
        [("/pay".to_owned(), VerifyMode::Require)]
    );
    let routes: Vec<(&str, &str)> = settings.routes.as_ref().unwrap().iter().collect();
    assert_eq!(routes, [("a.>", "{prefix}.a.{rest}"), (">", "x.{type}")]);
    assert_eq!(settings.routing().unwrap().iter().count(), 2);
    assert_eq!(
        settings.sink_kinds(),
        [SinkKind::JetStream, SinkKind::Journal]
    );
}

#[test]
fn templates_say_what_is_wrong_with_them() {
    for (name, value, reason) in [
        (
            "CONSIGN_SUBJECT",
            "x.{tenant}",
            "\"tenant\" is no placeholder; use {prefix}",
        ),
        ("CONSIGN_SUBJECT", "x.{type", "a brace is not closed"),
        (
            "CONSIGN_SUBJECT",
            "x..{type}",
            "\"x..{type}\" is not a subject template; try",
        ),
        (
            "CONSIGN_ROUTES",
            "a=x.{rest}",
            "{rest} needs a type pattern that ends in >",
        ),
        (
            "CONSIGN_ROUTES",
            "a.>.b=x",
            "\"a.>.b\" is no pattern; use dot-separated tokens",
        ),
    ] {
        let problems = problems(&[(name, value)]);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].contains(reason), "{problems:?}");
    }
}

#[test]
fn the_prefix_and_the_subject_make_the_routes() {
    let settings = settings(&[
        ("CONSIGN_SUBJECT_PREFIX", "acme"),
        (
            "CELLOS_EVENTS_SUBJECT_TEMPLATE",
            "{prefix}.{spec_id}.{run_id}",
        ),
    ]);
    let routes = settings.routing().unwrap();
    let last = routes.iter().last().unwrap();
    assert_eq!(last.to_string(), ">={prefix}.{spec_id}.{run_id}");
    assert!(routes.iter().count() > 5);
}

#[test]
fn log_filters_are_levels_and_targets() {
    for text in [
        "off",
        "INFO",
        "hyper=warn,info",
        "my_target",
        "supervisor[span]=debug",
    ] {
        assert_eq!(settings(&[("CONSIGN_LOG", text)]).log.filter.as_str(), text);
    }
    for text in ["inof", "warning", "info,debgu", "supervisor=loud", "a=b=c"] {
        assert_eq!(problems(&[("CONSIGN_LOG", text)]).len(), 1, "{text}");
    }
}

#[test]
fn booleans_have_eight_spellings() {
    for (text, value) in [
        ("1", true),
        ("true", true),
        ("yes", true),
        ("on", true),
        ("0", false),
        ("false", false),
        ("no", false),
        ("off", false),
    ] {
        assert_eq!(settings(&[("CONSIGN_STDIN", text)]).stdin, value, "{text}");
    }
    for text in ["t", "y", "2", "-1", "enabled", " true", "01"] {
        assert_eq!(problems(&[("CONSIGN_STDIN", text)]).len(), 1, "{text}");
    }
}

#[test]
fn what_is_missing_in_this_build_is_an_error_by_name() {
    for (name, value) in [
        ("CONSIGN_NATS_URL", "ws://a"),
        ("NATS_URL", "nats://a,wss://b"),
        ("CONSIGN_DLQ_FSYNC", "never"),
        ("CONSIGN_DLQ_WHEN_FULL", "drop-oldest"),
        ("CONSIGN_PACK_DIR", "/packs"),
        ("CONSIGN_CONSOLE", "on"),
        ("CONSIGN_VERIFY_POLICY", "require"),
        ("CONSIGN_ADMIN_ADDR", "127.0.0.1:9090"),
    ] {
        let problems = read_now(&[(name, value)]).expect_err(name);
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(lines[0].contains("which this build lacks"), "{lines:?}");
    }
}

#[test]
fn turning_off_what_is_missing_is_fine() {
    for (name, value) in [
        ("CONSIGN_DLQ", "off"),
        ("CONSIGN_STREAMS", "off"),
        ("CONSIGN_K8S_EVENTS", "off"),
        ("CONSIGN_CONSOLE", "off"),
        ("CONSIGN_VERIFY_POLICY", "off"),
        ("CELL_OS_REQUIRE_JETSTREAM", "0"),
        ("CONSIGN_SINK", "auto"),
        ("CONSIGN_SINK", "journal"),
        ("CONSIGN_SINK", "noop"),
    ] {
        if let Err(problems) = read_now(&[(name, value)]) {
            panic!("{name}={value}: {}", problems.render());
        }
    }
    assert!(read_now(&[]).is_ok());
}
