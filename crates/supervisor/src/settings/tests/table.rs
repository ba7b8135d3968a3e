use std::collections::BTreeSet;

use super::{problems, read, report};
use crate::settings::Settings;
use crate::settings::names::rows;
use crate::settings::row::{Availability, Capability};

/// The variables that operators were promised.
const PROMISED: &str = "
    CONFIG DATA_DIR SINK REQUIRE_JETSTREAM USE_NOOP ON_CONNECT_FAIL NATS_URL NATS_CONTEXT NATS_CONTEXT_DIR
    NATS_CREDS_FILE NATS_NKEY_FILE NATS_TOKEN NATS_TOKEN_FILE NATS_USER NATS_PASSWORD
    NATS_PASSWORD_FILE NATS_CA_FILE NATS_CERT_FILE NATS_KEY_FILE NATS_TLS NATS_NAME
    NATS_CONNECT_TIMEOUT NATS_RECONNECT_WAIT NATS_RECONNECT_MAX_WAIT NATS_MAX_RECONNECTS
    NATS_ACK_TIMEOUT NATS_MAX_INFLIGHT NATS_MODE NATS_DOMAIN NATS_API_PREFIX SUBJECT
    SUBJECT_PREFIX TENANT_DEFAULT STREAMS STREAMS_FILE STREAM_REPLICAS AUDIT_MIN_RETENTION REDACT
    REDACT_FIELDS REDACT_RULES_FILE SIGN SIGN_KEY SIGN_KEY_FILE SIGN_KEYID SIGN_EXTENSIONS
    VERIFY_KEYS_DIR VERIFY_POLICY DLQ DLQ_DIR DLQ_MAX_BYTES DLQ_MAX_AGE DLQ_WHEN_FULL DLQ_FSYNC
    DLQ_REDRIVE JSONL_PATH JSONL_ROTATE_BYTES JOURNAL_MAX_BYTES JOURNAL_MAX_AGE MAX_EVENT_BYTES
    ROUTES PROFILE STDIN STORE_URL STORE_URL_FILE K8S_EVENTS K8S_RATE K8S_MIN_SEVERITY
    K8S_API K8S_NAMESPACE K8S_POD K8S_POD_UID LOG
    LOG_FORMAT HTTP_ADDR HTTP_TOKEN HTTP_TOKEN_FILE HTTP_TOKENS_FILE HTTP_INSECURE HTTP_MAX_BODY HTTP_MAX_BATCH
    ADMIN_ADDR CONSOLE SSE_BUFFER SSE_MAX_CLIENTS SHUTDOWN_GRACE ACL_FILE PACK_DIR
    NODE_NAME NODE_HEALTH_EVERY IDEMPOTENCY_WINDOW READY_REQUIRES CONSOLE_DIR";

/// The foreign names that operators were promised.
const ACCEPTED: &str = "
    CRUVERO_EVENTS_BACKEND CELL_OS_REQUIRE_JETSTREAM CELL_OS_USE_NOOP_SINK NATS_URL
    CRUVERO_NATS_URL NATS_CONTEXT NATS_CREDS CRUVERO_NATS_CREDS_FILE NATS_NKEY NATS_TOKEN
    NATS_USER NATS_PASSWORD NATS_CA_FILE NATS_CA NATS_CERT NATS_KEY CRUVERO_NATS_TLS
    CRUVERO_NATS_CONNECT_TIMEOUT CRUVERO_NATS_RECONNECT_WAIT CRUVERO_NATS_MAX_RECONNECTS
    NATS_TIMEOUT CELLOS_EVENTS_SUBJECT_TEMPLATE CELL_OS_EVENTS_SUBJECT
    CRUVERO_EVENTS_SUBJECT_PREFIX CELLOS_TENANT_ID CRUVERO_NATS_STREAM_REPLICAS
    CELLOS_REDACT_EVENT_FIELDS CELLOS_EVENT_SIGNING CELLOS_EVENT_SIGNING_KEY_BASE64
    CELLOS_EVENT_SIGNING_KID CELLOS_DLQ_DIR CELL_OS_JSONL_EVENTS CELLOS_DEPLOYMENT_PROFILE
    DATABASE_URL POD_NAMESPACE POD_NAME POD_UID RUST_LOG";

#[test]
fn the_table_has_every_promised_name_and_no_other() {
    let ours: BTreeSet<String> = rows()
        .flat_map(|row| [Some(row.name.to_owned()), row.file_name()])
        .flatten()
        .collect();
    let promised: BTreeSet<String> = PROMISED
        .split_whitespace()
        .map(|name| format!("CONSIGN_{name}"))
        .collect();
    assert_eq!(ours, promised);

    let foreign: BTreeSet<&str> = rows().flat_map(|row| row.foreign_names()).collect();
    let accepted: BTreeSet<&str> = ACCEPTED.split_whitespace().collect();
    assert_eq!(foreign, accepted);
}

#[test]
fn every_row_is_read_once_in_the_order_of_the_table() {
    let declared: Vec<&str> = rows().map(|row| row.name).collect();
    let read = report(&[]);
    let read: Vec<&str> = read.entries.iter().map(|entry| entry.row.name).collect();
    assert_eq!(read, declared);
}

#[test]
fn no_name_means_two_settings() {
    let mut seen = BTreeSet::new();
    for row in rows() {
        let names = [Some(row.name.to_owned()), row.file_name()]
            .into_iter()
            .flatten();
        for name in names.chain(row.foreign_names().map(str::to_owned)) {
            assert!(seen.insert(name.clone()), "{name} is used twice");
        }
    }
}

#[test]
fn every_row_is_documented() {
    for row in rows() {
        assert!(row.doc().ends_with('.'), "{}: {:?}", row.name, row.doc());
        assert!(!row.doc().contains('\n'), "{}", row.name);
    }
}

#[test]
fn defaults_are_right_and_lie_within_the_bounds() {
    // Given as if by an operator, a default passes every check that a value passes.
    for row in rows() {
        let Some(default) = row.default else { continue };
        if let Err(problems) = read(&[(row.name, default)]) {
            panic!("{}", problems.render());
        }
        for bound in [row.least, row.most].into_iter().flatten() {
            let problems = problems(&[(row.name, bound)]);
            let own = problems.iter().find(|line| line.starts_with(row.name));
            assert_eq!(own, None, "bound of {}", row.name);
        }
    }
}

#[test]
fn sections_are_not_empty() {
    assert!(
        Settings::TABLE
            .iter()
            .all(|section| !section.rows.is_empty())
    );
}

#[test]
fn the_core_is_in_this_build() {
    assert_eq!(Capability::Core.availability(), Availability::Now);
}

#[test]
fn checks_speak_of_settings_that_exist() {
    let known: BTreeSet<&str> = rows().map(|row| row.name).collect();
    let sources = [
        include_str!("../checks/chain.rs"),
        include_str!("../checks/doors.rs"),
        include_str!("../checks/nats.rs"),
        include_str!("../checks/profile.rs"),
        include_str!("../checks/kubernetes.rs"),
        include_str!("../checks/sinks.rs"),
    ];
    let letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut found = 0;
    for source in sources {
        for word in source
            .split(|c| !letter(c))
            .filter(|word| word.starts_with("CONSIGN_"))
        {
            assert!(known.contains(word), "{word}");
            found += 1;
        }
    }
    assert!(found > 40, "only {found} names found");
}
