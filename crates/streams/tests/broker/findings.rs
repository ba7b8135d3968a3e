//! Each setting that breaks a guarantee is a finding of its own.

use std::time::Duration;

use async_nats::jetstream::Context;
use async_nats::jetstream::stream::{
    Config, DiscardPolicy, PersistenceMode, RetentionPolicy, Source, StorageType, SubjectTransform,
};
use streams::{Code, Policy, Severity, State, StreamReport, Topology, inspect};

use crate::fixture::{codes, create, ensure, start};

const DAY: Duration = Duration::from_secs(86_400);

/// A change to a good configuration, its findings, and those that stay after `ensure`.
type Case = (
    &'static str,
    Edit,
    &'static [&'static str],
    &'static [&'static str],
);

type Edit = fn(&mut Config);

const AUDIT: &[Case] = &[
    ("good", |_| {}, &[], &[]),
    (
        "memory",
        |c| c.storage = StorageType::Memory,
        &["storage-memory"],
        &["storage-memory"],
    ),
    (
        "interest",
        |c| c.retention = RetentionPolicy::Interest,
        &["retention"],
        &[],
    ),
    (
        "work queue",
        |c| c.retention = RetentionPolicy::WorkQueue,
        &["retention"],
        &["retention"],
    ),
    (
        "89 days",
        |c| c.max_age = 89 * DAY,
        &["age-below-floor"],
        &[],
    ),
    ("for ever", |c| c.max_age = Duration::ZERO, &[], &[]),
    (
        "window",
        |c| c.duplicate_window = Duration::from_secs(120),
        &["duplicate-window-short"],
        &[],
    ),
    ("no_ack", |c| c.no_ack = true, &["no-ack"], &[]),
    (
        "async",
        |c| c.persist_mode = Some(PersistenceMode::Async),
        &["persist-async"],
        &["persist-async"],
    ),
    (
        "bytes, old",
        |c| {
            c.max_bytes = 1 << 20;
            c.discard = DiscardPolicy::Old
        },
        &["discard-old"],
        &["full-refuses"],
    ),
    (
        "messages, old",
        |c| {
            c.max_messages = 9;
            c.discard = DiscardPolicy::Old
        },
        &["discard-old"],
        &["full-refuses"],
    ),
    (
        "bytes, new",
        |c| c.max_bytes = 1 << 20,
        &["full-refuses"],
        &["full-refuses"],
    ),
    (
        "old, no limit",
        |c| c.discard = DiscardPolicy::Old,
        &[],
        &[],
    ),
    (
        "per subject",
        |c| c.max_messages_per_subject = 9,
        &["subject-limit"],
        &[],
    ),
    (
        "per subject, new",
        |c| {
            c.max_messages_per_subject = 9;
            c.discard_new_per_subject = true
        },
        &["full-refuses"],
        &["full-refuses"],
    ),
    (
        "message size",
        |c| c.max_message_size = 1_000,
        &["message-size"],
        &["message-size"],
    ),
    ("purge", |c| c.deny_purge = false, &["purge-allowed"], &[]),
    (
        "delete",
        |c| c.deny_delete = false,
        &["delete-allowed"],
        &[],
    ),
    (
        "rollup",
        |c| {
            c.allow_rollup = true;
            c.deny_purge = false
        },
        &["purge-allowed", "rollup-allowed"],
        &["purge-allowed", "rollup-allowed"],
    ),
    (
        "ttl",
        |c| c.allow_message_ttl = true,
        &["message-ttl-allowed"],
        &["message-ttl-allowed"],
    ),
    (
        "transform",
        |c| c.subject_transform = Some(moved()),
        &["subject-transform"],
        &["subject-transform"],
    ),
    (
        "sources",
        |c| c.sources = Some(vec![origin()]),
        &["sources"],
        &["sources"],
    ),
    (
        "mirror",
        |c| {
            c.mirror = Some(origin());
            c.subjects.clear()
        },
        &["mirror", "subject-not-captured"],
        &["mirror", "subject-not-captured"],
    ),
    ("sealed", |c| c.sealed = true, &["sealed"], &["sealed"]),
    (
        "narrow",
        |c| c.subjects = vec!["consign.audit.one".to_owned()],
        &["subject-not-captured"],
        &[],
    ),
    (
        "elsewhere",
        |c| "OTHER".clone_into(&mut c.name),
        &["captured-elsewhere"],
        &["captured-elsewhere"],
    ),
    (
        "three at once",
        |c| {
            c.storage = StorageType::Memory;
            c.retention = RetentionPolicy::Interest;
            c.max_age = Duration::from_secs(3_600);
        },
        &["age-below-floor", "retention", "storage-memory"],
        &["storage-memory"],
    ),
];

const README: &str = include_str!("../../README.md");

fn moved() -> SubjectTransform {
    SubjectTransform {
        source: "consign.audit.>".to_owned(),
        destination: "moved.>".to_owned(),
    }
}

fn origin() -> Source {
    Source {
        name: "ORIGIN".to_owned(),
        ..Source::default()
    }
}

fn only(topology: &str) -> Topology {
    Topology::from_toml(topology).unwrap()
}

fn audit() -> Topology {
    only("[[stream]]\nname = 'CONSIGN_AUDIT'\nclass = 'audit'\nsubjects = ['consign.audit.>']")
}

fn good() -> Config {
    Config {
        name: "CONSIGN_AUDIT".to_owned(),
        subjects: vec!["consign.audit.>".to_owned()],
        discard: DiscardPolicy::New,
        max_age: 90 * DAY,
        duplicate_window: Duration::from_secs(300),
        deny_delete: true,
        deny_purge: true,
        ..Config::default()
    }
}

async fn look(js: &Context, topology: &Topology) -> StreamReport {
    let mut reports = inspect(js, topology, &Policy::default()).await.unwrap();
    assert_eq!(reports.len(), 1);
    reports.remove(0)
}

#[tokio::test]
async fn each_bad_setting_is_named_and_what_is_safe_is_mended() {
    let Some((_server, js)) = start().await else {
        return;
    };
    let origin = Config {
        name: "ORIGIN".to_owned(),
        ..Config::default()
    };
    js.create_stream(origin).await.unwrap();
    let topology = audit();
    for (label, change, found, left) in AUDIT {
        let mut config = good();
        change(&mut config);
        let (name, sealed) = (config.name.clone(), config.sealed);
        config.sealed = false;
        create(&js, &config).await;
        if sealed {
            config.sealed = true;
            js.update_stream(config).await.expect(label);
        }
        let report = look(&js, &topology).await;
        assert_eq!(codes(&report), *found, "{label}: {report:?}");
        for finding in &report.findings {
            let told = format!("`{}`", finding.code);
            assert!(README.contains(&told), "{told} is not explained");
            assert!(!finding.text.is_empty() && !finding.remedy.is_empty());
        }
        ensure(&js, &topology).await;
        let report = look(&js, &topology).await;
        assert_eq!(codes(&report), *left, "{label}, ensured: {report:?}");
        js.delete_stream(name).await.unwrap();
    }
}

#[tokio::test]
async fn a_missing_stream_is_told_from_a_warning() {
    let Some((_server, js)) = start().await else {
        return;
    };
    let report = look(&js, &audit()).await;
    assert_eq!(report.state, State::Missing);
    assert_eq!(codes(&report), ["missing"]);
    assert!(!report.has_custody());
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["state"], "missing");
    assert_eq!(json["findings"][0]["code"], "missing");
    assert_eq!(json["findings"][0]["severity"], "breaks");
}

#[tokio::test]
async fn custody_depends_on_what_is_captured_acknowledged_and_in_files() {
    let Some((_server, js)) = start().await else {
        return;
    };
    let cases: [(Edit, bool); 5] = [
        (|_| {}, true),
        (|config| config.max_age = DAY, true),
        (|config| config.no_ack = true, false),
        (|config| config.storage = StorageType::Memory, false),
        (
            |config| config.subjects = vec!["consign.audit.one".to_owned()],
            false,
        ),
    ];
    for (change, custody) in cases {
        let mut config = good();
        change(&mut config);
        create(&js, &config).await;
        let report = look(&js, &audit()).await;
        assert_eq!(report.has_custody(), custody, "{report:?}");
        js.delete_stream("CONSIGN_AUDIT").await.unwrap();
    }
}

#[tokio::test]
async fn other_classes_are_held_to_what_was_declared() {
    let Some((_server, js)) = start().await else {
        return;
    };
    let cases: [(&str, Edit, &[&str]); 7] = [
        ("events", |_| {}, &["age-below-declared"]),
        ("events", |c| c.deny_purge = false, &["age-below-declared"]),
        (
            "events",
            |c| c.retention = RetentionPolicy::Interest,
            &["age-below-declared", "retention"],
        ),
        ("work", |_| {}, &["retention"]),
        ("work", |c| c.retention = RetentionPolicy::WorkQueue, &[]),
        (
            "ephemeral",
            |c| {
                c.storage = StorageType::Memory;
                c.max_age = Duration::from_secs(1);
                c.duplicate_window = c.max_age
            },
            &[],
        ),
        ("ephemeral", |c| c.no_ack = true, &["no-ack"]),
    ];
    for (class, change, found) in cases {
        let topology = only(&format!(
            "[[stream]]\nname = 'S'\nclass = '{class}'\nsubjects = ['s.>']"
        ));
        let mut config = Config {
            name: "S".to_owned(),
            subjects: vec!["s.>".to_owned()],
            max_age: DAY,
            duplicate_window: Duration::from_secs(300),
            ..Config::default()
        };
        change(&mut config);
        create(&js, &config).await;
        let report = look(&js, &topology).await;
        assert_eq!(codes(&report), found, "{class}: {report:?}");
        js.delete_stream("S").await.unwrap();
    }
}

#[tokio::test]
async fn fewer_replicas_than_declared_are_found_and_sync_is_a_note() {
    let Some((_server, js)) = start().await else {
        return;
    };
    js.create_stream(good()).await.unwrap();
    let report = look(&js, &audit().replicated(3)).await;
    assert_eq!(codes(&report), ["replicas-low"]);
    assert_eq!(report.worst(), Some(Severity::Weakens));
    let note = report.findings.last().unwrap();
    assert_eq!(
        (note.code, note.severity),
        (Code::SyncUnknown, Severity::Note)
    );
}

#[tokio::test]
async fn a_stream_of_another_name_is_judged_in_ones_place() {
    let Some((_server, js)) = start().await else {
        return;
    };
    let mut config = good();
    "OTHER".clone_into(&mut config.name);
    config.subjects = vec!["consign.>".to_owned()];
    config.max_age = DAY;
    create(&js, &config).await;
    let report = look(&js, &audit()).await;
    assert_eq!(codes(&report), ["age-below-floor", "captured-elsewhere"]);
    assert_eq!(report.state, State::Warn);
    assert!(report.has_custody());
    let age = &report.findings[0];
    assert!(age.text.starts_with("OTHER: "), "{age}");
    assert_eq!(age.remedy, "nats stream edit OTHER --max-age 90d");
}

#[tokio::test]
async fn memory_that_was_declared_is_no_finding() {
    let Some((_server, js)) = start().await else {
        return;
    };
    let settings = "name = 'S'\nsubjects = ['s.>']\nstorage = 'memory'";
    let topology = only(&format!("[[stream]]\n{settings}"));
    ensure(&js, &topology).await;
    let report = look(&js, &topology).await;
    assert!(report.findings.is_empty(), "{report:?}");
}
