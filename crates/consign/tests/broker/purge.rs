use async_nats::jetstream::consumer::pull::Config as Pull;
use async_nats::jetstream::stream::Config;

use crate::rig::{Rig, err, ok, out};

#[test]
fn what_would_go_is_shown_and_nothing_goes_unasked() {
    let rig = stocked();
    let js = rig.jetstream();
    rig.runtime.block_on(async {
        let config = Pull {
            durable_name: Some("billing".to_owned()),
            filter_subject: "consign.events.a.>".to_owned(),
            ..Pull::default()
        };
        js.create_consumer_on_stream(config, "CONSIGN_EVENTS")
            .await
            .unwrap();
    });
    let unasked = rig.consign(&["purge", "CONSIGN_EVENTS"]);
    assert_eq!(unasked.status.code(), Some(2), "{unasked:?}");
    let said = err(&unasked);
    assert!(said.contains("This removes 6 messages ("), "{said}");
    assert!(
        said.contains("Consumers affected: 1 (pending 4)."),
        "{said}"
    );
    assert!(said.contains("--yes"), "{said}");
    ok(&rig.consign(&["purge", "CONSIGN_EVENTS", "--yes", "--dry-run"]));
    assert_eq!(rig.held("CONSIGN_EVENTS"), 6);
    // Nobody is asked to confirm what is not shown, or what is nothing.
    let quiet = rig.consign(&["purge", "CONSIGN_EVENTS", "-q"]);
    assert!(
        err(&quiet).starts_with("This removes 6 messages ("),
        "{quiet:?}"
    );
    let nothing = rig.consign(&["purge", "CONSIGN_EVENTS", "--subject", "consign.events.z.>"]);
    assert_eq!(ok(&nothing), "removed 0 messages from CONSIGN_EVENTS\n");
    assert!(
        err(&nothing).starts_with("This removes nothing from CONSIGN_EVENTS"),
        "{nothing:?}"
    );
}

#[test]
fn a_part_goes_and_the_count_is_the_servers() {
    for (arguments, gone) in [
        (&["--subject", "consign.events.a.>"][..], 4),
        (&["--subject", "consign.events.a.>", "--keep", "1"], 3),
        (&["--subject", "consign.events.a.>", "--seq", "4"], 2),
        (&["--seq", "6"], 5),
        (&["--seq", "99"], 6),
        (&["--keep", "2"], 4),
        (&["--keep", "9"], 0),
        (&[], 6),
    ] {
        let rig = stocked();
        let command = ["stream", "purge", "CONSIGN_EVENTS", "--force", "-o", "json"];
        let output = rig.consign(&[&command, arguments].concat());
        let done: serde_json::Value = serde_json::from_str(&ok(&output)).unwrap();
        assert_eq!(done["foreseen"]["messages"], gone, "{arguments:?} {done}");
        assert_eq!(done["foreseen"]["consumers"], 0, "{arguments:?} {done}");
        assert_eq!(done["purged"], gone, "{arguments:?} {done}");
        assert_eq!(rig.held("CONSIGN_EVENTS"), 6 - gone, "{arguments:?}");
        assert!(!err(&output).contains("changed meanwhile"), "{output:?}");
    }
}

#[test]
fn audit_is_purged_by_no_mistake_and_not_where_the_stream_denies_it() {
    let rig = Rig::start();
    ok(&rig.consign(&["stream", "ensure"]));
    rig.store("consign.audit.acme.login", 2);
    let refused = rig.consign(&["purge", "CONSIGN_AUDIT", "-f"]);
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    assert!(
        err(&refused).contains("--i-know-this-is-audit"),
        "{refused:?}"
    );
    let knowing = ["purge", "CONSIGN_AUDIT", "-f", "--i-know-this-is-audit"];
    let denied = rig.consign(&knowing);
    assert_eq!(denied.status.code(), Some(1), "{denied:?}");
    assert!(
        err(&denied).contains("nats stream rm CONSIGN_AUDIT"),
        "{denied:?}"
    );
    assert_eq!(rig.held("CONSIGN_AUDIT"), 2);

    // Under another name it is audit all the same.
    let js = rig.jetstream();
    rig.runtime
        .block_on(async { js.delete_stream("CONSIGN_AUDIT").await.unwrap() });
    rig.replace(&Config {
        name: "LOGINS".to_owned(),
        subjects: vec!["consign.audit.>".to_owned()],
        ..Config::default()
    });
    rig.store("consign.audit.acme.login", 2);
    assert_eq!(
        rig.consign(&["purge", "LOGINS", "-f"]).status.code(),
        Some(2)
    );
    let done = ok(&rig.consign(&["purge", "LOGINS", "-f", "--i-know-this-is-audit"]));
    assert_eq!(done, "removed 2 messages from LOGINS\n");
}

#[test]
fn a_work_queue_is_purged_without_a_consumer_of_its_own() {
    let rig = Rig::start();
    ok(&rig.consign(&["stream", "ensure"]));
    rig.store("consign.embed.requests.a", 3);
    let done = rig.consign(&["purge", "CONSIGN_EMBED", "-f", "--seq", "3"]);
    assert!(err(&done).contains("at most 2 messages"), "{done:?}");
    assert_eq!(out(&done), "removed 2 messages from CONSIGN_EMBED\n");
}

/// Six events: a a b a b a.
fn stocked() -> Rig {
    let rig = Rig::start();
    ok(&rig.consign(&["stream", "ensure"]));
    for tenant in ["a", "a", "b", "a", "b", "a"] {
        rig.store(&format!("consign.events.{tenant}.demo"), 1);
    }
    rig
}
