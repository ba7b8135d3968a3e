use super::problems;

/// What is said of these, by its beginning.
fn check(variables: &[(&str, &str)], expected: &[&str]) {
    let found = problems(variables);
    assert_eq!(found.len(), expected.len(), "{variables:?}: {found:?}");
    for (line, start) in found.iter().zip(expected) {
        assert!(line.starts_with(start), "{variables:?}: {line}");
    }
}

const URL: (&str, &str) = ("CONSIGN_NATS_URL", "nats://a");
const STORE: (&str, &str) = ("CONSIGN_STORE_URL", "sqlite:s");

fn list(text: &str) -> (&str, &str) {
    ("CONSIGN_SINK", text)
}

#[test]
fn a_list_says_needs_and_deadlines() {
    check(
        &[URL, STORE, list("jetstream:one-of:3s , store:one-of,log")],
        &[],
    );
    check(
        &[STORE, list("store:best-effort,log")],
        &["CONSIGN_SINK needs a sink that is required or one-of"],
    );
    check(
        &[list("journal:required")],
        &["CONSIGN_SINK says how much journal is needed, which stands alone"],
    );
    check(
        &[list("journal,log:required:0s")],
        &[
            "CONSIGN_SINK has log required, which keeps no event",
            "CONSIGN_SINK gives log no time",
        ],
    );
}

#[test]
fn words_that_are_none_are_all_named() {
    let found = problems(&[list("jornal,log:sometimes,journal:required:soon")]);
    let [line] = found.as_slice() else {
        panic!("{found:?}");
    };
    for words in [
        "\"jornal\" is no sink; use jetstream, journal, store, log, noop",
        "\"sometimes\" is no need; use required, best-effort, one-of",
        "\"soon\" is no deadline; use a duration",
    ] {
        assert!(line.contains(words), "{words}: {line}");
    }
}

#[test]
fn what_stands_beside_a_list_has_to_fit() {
    check(
        &[list("journal,log"), ("CONSIGN_JSONL_PATH", "/m")],
        &["CONSIGN_JSONL_PATH is a second journal"],
    );
    check(
        &[URL, STORE, ("CONSIGN_ON_CONNECT_FAIL", "noop")],
        &["CONSIGN_ON_CONNECT_FAIL is noop, which would answer for the other sinks"],
    );
    check(
        &[
            URL,
            ("CONSIGN_PROFILE", "hardened"),
            ("CONSIGN_REQUIRE_JETSTREAM", "1"),
            list("journal,jetstream:best-effort"),
        ],
        &["CONSIGN_SINK does not require jetstream"],
    );
}

#[test]
fn kubernetes_is_told_where_that_is_possible() {
    const ON: (&str, &str) = ("CONSIGN_K8S_EVENTS", "on");
    const POD: (&str, &str) = ("HOSTNAME", "gateway-0");
    check(
        &[ON, ("CONSIGN_USE_NOOP", "1")],
        &[
            "CONSIGN_K8S_EVENTS is on, but events are forgotten",
            "CONSIGN_K8S_EVENTS is on, but this is no pod",
            "CONSIGN_K8S_EVENTS is on, but no pod is named",
        ],
    );
    check(
        &[ON, POD, ("CONSIGN_K8S_API", "http://127.0.0.1:8001")],
        &["CONSIGN_K8S_API names another server than the pod's own"],
    );
    check(&[ON, POD, ("KUBERNETES_SERVICE_HOST", "10.0.0.1")], &[]);
    check(
        &[
            ON,
            POD,
            ("KUBERNETES_SERVICE_HOST", "::1"),
            ("CONSIGN_PROFILE", "airgapped"),
        ],
        &["CONSIGN_K8S_EVENTS is on; profile airgapped"],
    );
}
