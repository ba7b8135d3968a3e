//! Streams declared in TOML, and by routes.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use events_core::subject::{Route, Routes};
use streams::{Class, Discard, Retention, Storage, StreamSpec, Topology};

const DAY: Duration = Duration::from_secs(86_400);

fn five() -> Topology {
    Topology::from_toml(include_str!("five.toml")).unwrap()
}

fn stream<'a>(topology: &'a Topology, name: &str) -> &'a StreamSpec {
    topology.stream(name).unwrap()
}

fn subjects(stream: &StreamSpec) -> Vec<&str> {
    stream.subjects.iter().map(|own| own.as_str()).collect()
}

#[test]
fn what_is_not_said_comes_from_the_class() {
    let topology = five();
    let names: Vec<&str> = topology.iter().map(|own| own.name.as_str()).collect();
    let expected = [
        "ACME_EVENTS",
        "ACME_AUDIT",
        "ACME_EMBED",
        "ACME_MCP",
        "ACME_GATEWAY",
    ];
    assert_eq!(names, expected);
    let audit = stream(&topology, "ACME_AUDIT");
    assert_eq!(audit.max_age, Some(365 * DAY));
    assert_eq!(audit.replicas, 3);
    assert!(audit.deny_delete && audit.deny_purge);
    let work = stream(&topology, "ACME_EMBED");
    assert_eq!(work.retention, Retention::WorkQueue);
    assert_eq!((work.max_age, work.max_bytes), (Some(DAY), Some(10 << 30)));
    assert_eq!(stream(&topology, "ACME_MCP").storage, Storage::Memory);
    let gateway = stream(&topology, "ACME_GATEWAY");
    assert_eq!(
        (gateway.class, gateway.discard),
        (Class::Other, Discard::Old)
    );
    assert_eq!(
        (gateway.max_age, gateway.max_messages),
        (None, Some(1_000_000))
    );
    assert_eq!(gateway.max_message_size, Some(65_536));
    assert_eq!(gateway.duplicate_window, Duration::from_secs(600));
    assert!(gateway.deny_delete && !gateway.deny_purge);
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let text = r#"
        color = "red"
        stream = [1, {}, {name = "NONE", subjects = []}]
    "#;
    let faults = [
        "has no key color",
        "stream 1: must be a table",
        "stream 2: name",
        "stream 2: subjects",
        "NONE: subjects",
    ];
    all_told(text, &faults);
    let text = r#"
        [[stream]]
        name = "A.B"
        class = "audits"
        subjects = ["a.>", "a b", 7]
        retention = "for ever"
        storage = true
        discard = "none"
        max_age = "1 banana"
        max_bytes = "10GB"
        max_messages = 0
        max_message_size = -1
        duplicate_window = 120
        replicas = 6
        deny_delete = "yes"
        deny_purge = 1
        max_aeg = "90d"

        [[stream]]
        name = "AUDIT"
        class = "audit"
        subjects = ["audit.>"]
        retention = "interest"
        max_age = "1m"
        duplicate_window = "2m"

        [[stream]]
        name = "AUDIT"
        subjects = ["b.>"]

        [[stream]]
        name = "RIVAL"
        subjects = ["*.one"]
    "#;
    let faults = [
        "A.B: has no key max_aeg",
        "A.B: name",
        "A.B: class must be one of audit, events, work, ephemeral, other",
        "A.B: subjects: \"a b\"",
        "A.B: subjects: 7",
        "A.B: retention must be one of limits, interest, workqueue",
        "A.B: storage must be one of file, memory",
        "A.B: discard",
        "A.B: max_age",
        "A.B: max_bytes",
        "A.B: max_messages",
        "A.B: max_message_size",
        "A.B: duplicate_window",
        "A.B: replicas",
        "A.B: deny_delete",
        "A.B: deny_purge",
        "AUDIT: retention must be limits",
        "AUDIT: duplicate_window must not be longer than max_age",
        "AUDIT: stands there twice",
        "RIVAL: subjects overlap those of AUDIT",
    ];
    all_told(text, &faults);
    all_told("", &["the file: must have a table [[stream]]"]);
    all_told("\n[[stream]\nname", &["line 2"]);
}

/// Each fault is told, and none twice but overlaps with both streams of one name.
fn all_told(text: &str, faults: &[&str]) {
    let error = Topology::from_toml(text).unwrap_err();
    let told: Vec<&str> = error.iter().collect();
    for fault in faults {
        assert!(
            told.iter().any(|told| told.contains(fault)),
            "{fault}: {told:#?}"
        );
    }
    for told in told {
        assert!(faults.iter().any(|fault| told.contains(fault)), "{told}");
    }
}

#[test]
fn routes_choose_the_streams_they_lead_to() {
    let routes = Routes::custom(
        [
            ("audit.>", "acme.audit.{tenantId}.{rest}"),
            ("audit.>", "acme.audit.{tenantId}.{rest}"),
            ("shop.>", "acme.events.{tenantId}.{type}"),
        ],
        "acme",
    );
    let used = five().for_routes(&routes.unwrap()).unwrap();
    let names: Vec<&str> = used.iter().map(|own| own.name.as_str()).collect();
    assert_eq!(names, ["ACME_EVENTS", "ACME_AUDIT"]);
    assert_eq!(subjects(stream(&used, "ACME_EVENTS")), ["acme.events.>"]);
}

#[test]
fn subjects_of_ones_own_go_to_the_stream_of_their_class() {
    let routes = Routes::standard("acme", "shop.{specId}.{runId}.{type}").unwrap();
    let used = Topology::standard("acme").unwrap();
    let used = used.for_routes(&routes).unwrap();
    let events = stream(&used, "ACME_EVENTS");
    assert_eq!(subjects(events), ["acme.events.>", "shop.*.*.>"]);
    let routes = Routes::custom([("audit.>", "proof.{tenantId}.{rest}")], "acme").unwrap();
    let used = five().for_routes(&routes).unwrap();
    let audit = stream(&used, "ACME_AUDIT");
    assert_eq!(subjects(audit), ["acme.audit.>", "proof.*.>"]);
    assert_eq!(used.iter().count(), 1);
    let wide = Routes::custom([(">", "acme.{type}")], "acme").unwrap();
    let used = Topology::standard("acme").unwrap();
    let used = used.for_routes(&wide).unwrap();
    assert_eq!(subjects(stream(&used, "ACME_EVENTS")), ["acme.>"]);
}

#[test]
fn a_route_without_a_stream_is_an_error_that_names_it() {
    let text = "[[stream]]\nname = 'AUDIT'\nclass = 'audit'\nsubjects = ['audit.>']";
    let routes = Routes::standard("consign", Route::OTHER).unwrap();
    let audit_alone = Topology::from_toml(text).unwrap();
    let error = audit_alone.for_routes(&routes).unwrap_err();
    assert!(
        error.iter().any(|told| told.contains("consign.events.*.>")),
        "{error}"
    );
    assert!(
        !error.iter().any(|told| told.contains("consign.audit")),
        "{error}"
    );
}

#[test]
fn a_floor_raises_audit_alone_and_replicas_are_never_lowered() {
    let topology = five().retaining_audit(400 * DAY).replicated(2);
    assert_eq!(stream(&topology, "ACME_AUDIT").max_age, Some(400 * DAY));
    assert_eq!(stream(&topology, "ACME_AUDIT").replicas, 3);
    assert_eq!(stream(&topology, "ACME_EVENTS").max_age, Some(3 * DAY));
    assert_eq!(stream(&topology, "ACME_EVENTS").replicas, 2);
    let kept = five().retaining_audit(90 * DAY);
    assert_eq!(stream(&kept, "ACME_AUDIT").max_age, Some(365 * DAY));
}

#[test]
fn a_prefix_makes_names_and_a_bad_one_is_refused() {
    for bad in ["", "a b", "a.*", "a..b", ">", "ä"] {
        assert!(Topology::standard(bad).is_err(), "{bad:?}");
    }
    assert!(
        Topology::standard("a.b")
            .unwrap()
            .stream("A_B_AUDIT")
            .is_some()
    );
}
