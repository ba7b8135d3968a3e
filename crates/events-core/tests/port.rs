//! What sealing does, whom a claim tells what, and that refusals stay alone.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use events_core::{
    Claim, Data, ErrorKind, Event, EventSink, EventSinkExt as _, Extension, ExtensionName,
    MemorySink, NoopSink, Outcome, Place, Settle, WireEvent,
};

fn event(id: &str) -> events_core::EventBuilder {
    Event::builder(id, "/s", "t.a")
}

fn seal(event: Event) -> Result<WireEvent, events_core::SinkError> {
    NoopSink.seal(vec![event]).pop().unwrap()
}

#[test]
fn sealing_gives_time_and_tenant() {
    let sealed = seal(event("1").build().unwrap()).unwrap();
    let time = sealed.attributes().time().unwrap().as_str();
    assert!(
        time.ends_with('Z') && time.len() == "2026-11-21T10:00:00.000000Z".len(),
        "{time}"
    );
    assert_eq!(sealed.tenant().as_str(), "single");
    let kept = seal(
        event("1")
            .time("2020-06-18T19:24:53+02:00")
            .build()
            .unwrap(),
    )
    .unwrap();
    assert_eq!(
        kept.attributes().time().unwrap().as_str(),
        "2020-06-18T19:24:53+02:00"
    );
}

#[test]
fn the_tenant_is_the_extension_else_the_data_else_single() {
    let tenant = |event: events_core::EventBuilder| {
        seal(event.build().unwrap()).map(|sealed| sealed.tenant().as_str().to_owned())
    };
    let data = r#"{"x":{"tenantId":"inner"},"tenantId":"acme"}"#;
    assert_eq!(tenant(event("1").json(data)).unwrap(), "acme");
    assert_eq!(
        tenant(event("1").json(data).extension("tenantid", "other")).unwrap(),
        "other"
    );
    assert_eq!(
        tenant(event("1").json(r#"[{"tenantId":"acme"}]"#)).unwrap(),
        "single"
    );
    assert_eq!(tenant(event("1").json("7")).unwrap(), "single");
}

#[test]
fn a_malformed_tenant_is_refused_and_never_defaulted() {
    let long = "x".repeat(65);
    for bad in ["*", ">", "a.b", "a b", "$JS", "\u{202e}x", &long] {
        let named = seal(event("1").extension("tenantid", bad).build().unwrap());
        assert_eq!(named.unwrap_err().kind(), ErrorKind::Invalid, "{bad}");
    }
    for bad in ["\"\"", "\"a\\r\\nb\"", "7", "null", "[]", "\"a.b\""] {
        let data = format!(r#"{{"tenantId":{bad}}}"#);
        assert!(
            seal(event("1").json(&data).build().unwrap()).is_err(),
            "{bad}"
        );
    }
    assert!(seal(event("1").integer_extension("tenantid", 7).build().unwrap()).is_err());
}

#[test]
fn attributes_that_only_consign_sets_are_refused_by_name() {
    let forged = event("1")
        .extension("producerid", "x")
        .extension("exacttime", "x")
        .build();
    let error = seal(forged.unwrap()).unwrap_err();
    let text = error.violations().unwrap().to_string();
    assert_eq!(
        text,
        "exacttime must not be set by a host; producerid must not be set by a host"
    );
    let brought = event("1")
        .extension("dssematerial", "x")
        .extension("sequence", "7")
        .build();
    assert!(seal(brought.unwrap()).is_ok());
}

#[test]
fn sealed_bytes_read_back_as_they_are() {
    let sealed = seal(event("1").json(r#"{"n": 1.10}"#).build().unwrap()).unwrap();
    let back = WireEvent::from_bytes(sealed.bytes().clone()).unwrap();
    assert_eq!(back.bytes(), sealed.bytes());
    assert_eq!(back.message_id(), sealed.message_id());
    assert_eq!(
        back.to_event().unwrap().data().unwrap().as_bytes(),
        br#"{"n": 1.10}"#
    );
    assert!(WireEvent::from_bytes(Bytes::from_static(b"{\n}")).is_err());
}

#[test]
fn two_tenants_do_not_share_an_identity() {
    let of = |tenant| {
        seal(event("1").extension("tenantid", tenant).build().unwrap())
            .unwrap()
            .message_id()
    };
    assert_ne!(of("a"), of("b"));
    assert_eq!(of("a"), of("a"));
}

#[tokio::test]
async fn one_result_stands_for_each_event_and_a_bad_one_harms_no_other() {
    let sink = MemorySink::default();
    let bad = event("2").extension("tenantid", "a.b").build().unwrap();
    let events = vec![
        event("1").build().unwrap(),
        bad,
        event("3").build().unwrap(),
    ];
    let results = sink.send_all(events).await;
    let good: Vec<bool> = results.iter().map(Result::is_ok).collect();
    assert_eq!(good, [true, false, true]);
    let stored: Vec<_> = sink
        .events()
        .iter()
        .map(|event| event.attributes().id().as_str().to_owned())
        .collect();
    assert_eq!(stored, ["1", "3"]);
}

#[derive(Debug, Default)]
struct Fates(Mutex<Vec<(u64, &'static str)>>);

impl Settle for Fates {
    fn kept(&self, number: u64) {
        self.0.lock().unwrap().push((number, "kept"));
    }

    fn void(&self, number: u64) {
        self.0.lock().unwrap().push((number, "void"));
    }
}

fn claimed(fates: &Arc<Fates>, number: u64) -> WireEvent {
    let mut event = event("1").build().unwrap();
    let signer: Arc<dyn Settle> = fates.clone();
    event.set_claim(Claim::new(signer, number));
    seal(event).unwrap()
}

#[test]
fn an_outcome_keeps_a_number_and_the_last_clone_without_one_voids_it() {
    let fates = Arc::new(Fates::default());
    let kept = claimed(&fates, 1);
    let _outcome = Outcome::delivered(&kept.clone(), Place::Noop);
    let _again = Outcome::spilled(&kept, Place::Noop);
    drop(kept);
    let lost = claimed(&fates, 2);
    let clone = lost.clone();
    drop(lost);
    assert_eq!(*fates.0.lock().unwrap(), [(1, "kept")]);
    let _resent = Outcome::delivered_before(&clone, Place::Noop);
    drop(clone);
    assert_eq!(*fates.0.lock().unwrap(), [(1, "kept"), (2, "void")]);
}

#[test]
fn a_draft_refused_after_it_got_its_number_voids_it() {
    let fates = Arc::new(Fates::default());
    let mut event = event("1").build().unwrap();
    let signer: Arc<dyn Settle> = fates.clone();
    event.set_claim(Claim::new(signer, 7));
    event.set_extension(
        "tenantid".parse().unwrap(),
        events_core::Extension::Integer(1),
    );
    assert!(seal(event).is_err());
    assert_eq!(*fates.0.lock().unwrap(), [(7, "void")]);
}

#[test]
fn the_port_is_object_safe_and_shared_pointers_forward_it() {
    let sink: Arc<dyn EventSink> = Arc::new(NoopSink);
    assert_eq!(sink.to_string(), "noop");
    assert!(
        sink.seal(vec![event("1").build().unwrap()])
            .pop()
            .unwrap()
            .is_ok()
    );
}

#[test]
fn whatever_is_sealed_reads_back_however_deep_its_data_is() {
    let deep = format!("{}{}", "[".repeat(64), "]".repeat(64));
    let sealed = seal(event("1").json(&deep).build().unwrap()).unwrap();
    let back = WireEvent::from_bytes(sealed.bytes().clone()).unwrap();
    assert_eq!(
        back.to_event().unwrap().data().unwrap().as_bytes(),
        deep.as_bytes()
    );
    assert!(event("1").json(&format!("[{deep}]")).build().is_err());
}

#[test]
fn what_setters_got_wrong_is_refused_when_sealed() {
    let with = |change: fn(&mut Event)| {
        let mut changed = event("1").json("\"text\"").build().unwrap();
        change(&mut changed);
        seal(changed)
    };
    assert!(with(|_| {}).is_ok());
    assert!(with(|event| event.set_data(Some(Data::Text("x".into())))).is_err());
    assert!(with(|event| event.set_data_content_type("text/plain".parse().ok())).is_err());
    for bad in ["", "a\u{1}b"] {
        let mut changed = event("1").build().unwrap();
        changed.set_extension("note".parse().unwrap(), Extension::String(bad.into()));
        assert!(seal(changed).is_err());
    }
    let mut changed = event("1").build().unwrap();
    changed.set_extension(
        ExtensionName::from_static("id"),
        Extension::String("x".into()),
    );
    assert!(seal(changed).is_err());
}

#[test]
fn no_sink_takes_back_a_refusal() {
    #[derive(Debug)]
    struct Forgiving;

    #[async_trait::async_trait]
    impl EventSink for Forgiving {
        fn prepare(&self, drafts: &mut [events_core::Draft]) {
            drafts.fill_with(|| Ok(event("forged").build().unwrap()));
        }

        async fn deliver(
            &self,
            _events: &[WireEvent],
        ) -> Vec<Result<Outcome, events_core::SinkError>> {
            Vec::new()
        }
    }

    impl std::fmt::Display for Forgiving {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("forgiving")
        }
    }

    let bad = event("1").extension("tenantid", "a.b").build().unwrap();
    assert!(Forgiving.seal(vec![bad]).pop().unwrap().is_err());
}

#[test]
fn a_tenant_in_json_that_came_as_base64_counts() {
    let binary = |data: &'static str| {
        let declared = event("1").data_content_type("application/json");
        seal(declared.binary(data.as_bytes()).build().unwrap())
    };
    assert_eq!(
        binary(r#"{"tenantId":"acme"}"#).unwrap().tenant().as_str(),
        "acme"
    );
    assert!(binary(r#"{"tenantId":"a.b"}"#).is_err());
    assert_eq!(binary("no JSON").unwrap().tenant().as_str(), "single");
}

#[test]
fn a_copy_of_the_attributes_does_not_keep_a_number_open() {
    let fates = Arc::new(Fates::default());
    let sealed = claimed(&fates, 1);
    let copy = sealed.attributes().clone();
    drop(sealed);
    assert_eq!(*fates.0.lock().unwrap(), [(1, "void")]);
    drop(copy);
}
