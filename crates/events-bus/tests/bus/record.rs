use std::collections::BTreeMap;

use events_bus::{Attrs, Record, RecordOutcome, Severity};
use events_core::json::JsonText;
use events_core::subject::Routes;
use events_core::{Event, Extension};
use proptest::option;
use proptest::prelude::{Strategy, any, prop, prop_oneof, proptest};

use crate::kit::sealed;

/// A text that an attribute can hold.
fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[ -~]{1,20}", "[a-zé🔑\"\\\\]{1,8}"]
}

fn tokens() -> impl Strategy<Value = String> {
    "[A-Za-z0-9_-]{1,6}(\\.[A-Za-z0-9_-]{1,6}){0,2}"
}

fn severity() -> impl Strategy<Value = Severity> {
    let named = (1..=24_i32, text()).prop_map(|(n, text)| Severity::named(n, &text).unwrap());
    let known = [
        Severity::DEBUG,
        Severity::INFO,
        Severity::WARN,
        Severity::ERROR,
    ];
    prop_oneof![named, prop::sample::select(known.to_vec())]
}

fn attrs() -> impl Strategy<Value = Attrs> {
    let json = prop_oneof![
        prop::sample::select(vec![
            "1.10",
            "12345678901234567890123",
            "1E5",
            "null",
            "[ 1 ]",
            "{}"
        ])
        .prop_map(str::to_owned),
        any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
    ];
    prop::collection::btree_map(any::<String>(), json, 0..4).prop_map(|pairs| {
        let mut attrs = Attrs::default();
        for (name, json) in pairs {
            attrs.set_json(&name, JsonText::parse(&json).unwrap());
        }
        attrs
    })
}

fn record() -> impl Strategy<Value = Record> {
    let names = (tokens(), tokens(), severity(), text());
    let texts = (option::of(text()), option::of(text()), option::of(text()));
    let ids = (option::of(text()), option::of(text()), option::of(text()));
    let data = (option::of(any::<String>()), attrs(), any::<bool>());
    (names, texts, ids, data).prop_map(|(names, texts, ids, data)| {
        let (component, action, severity, id) = names;
        let mut extensions = BTreeMap::new();
        if data.2 {
            let trace = Extension::text("00-ab-cd-01").unwrap();
            extensions.insert("traceparent".parse().unwrap(), trace);
            extensions.insert("attempt".parse().unwrap(), Extension::Integer(-3));
        }
        Record {
            id,
            category: texts.0,
            resource: texts.1,
            outcome: texts.2.as_deref().map(RecordOutcome::from),
            task: ids.0,
            mission: ids.1,
            objective: ids.2,
            detail: data.0,
            attrs: data.1,
            extensions,
            ..Record::new(severity, &component, &action)
        }
    })
}

proptest! {
    #[test]
    fn a_record_is_an_event_and_back_again_and_nothing_is_lost(record in record()) {
        let event = Event::try_from(&record).unwrap();
        assert!(Record::try_from(&event).unwrap() == record);
        // So it is after it left the process and came back, with what sealing adds.
        let back = sealed(event).to_event().unwrap();
        let read = Record::try_from(&back).unwrap();
        assert!(Event::try_from(&read).unwrap() == back);
        let (_, subject) = Routes::default().resolve(&back).map(|(r, s)| (r.clone(), s)).unwrap();
        let expected = format!("consign.events.single.record.{}.{}", record.component, record.action);
        assert_eq!(subject.as_str(), expected);
    }
}

#[test]
fn its_fields_are_the_attributes_that_others_know() {
    let mut record = Record {
        category: Some("mcp".to_owned()),
        resource: Some("server/7".to_owned()),
        outcome: Some(RecordOutcome::Timeout),
        task: Some("t1".to_owned()),
        mission: Some("m1".to_owned()),
        objective: Some("o1".to_owned()),
        ..Record::warn("mcpclient", "connect_attempt", "no answer")
    };
    record.attrs.set("attempt", &3).unwrap();
    let event = Event::try_from(&record).unwrap();
    assert_eq!(event.source().as_str(), "urn:consign:component:mcpclient");
    assert_eq!(event.kind().as_str(), "record.mcpclient.connect_attempt");
    assert_eq!(event.subject().unwrap().as_str(), "server/7");
    let extension = |name| event.extension(name).unwrap().to_canonical().into_owned();
    let expected = [
        ("category", "mcp"),
        ("component", "mcpclient"),
        ("missionid", "m1"),
        ("objectiveid", "o1"),
        ("outcome", "timeout"),
        ("severitynumber", "13"),
        ("severitytext", "WARN"),
        ("taskid", "t1"),
    ];
    for (name, value) in expected {
        assert_eq!(extension(name), value, "{name}");
    }
    assert_eq!(event.extensions().len(), expected.len());
    let data = event.data().unwrap().as_bytes();
    assert_eq!(data, br#"{"detail":"no answer","attrs":{"attempt":3}}"#);
    assert_eq!(record.attrs.value("attempt"), Some("3"));
    assert_eq!(format!("{record:?}"), "Record(WARN, 1 attrs)");
}

#[test]
fn what_is_no_record_is_refused_with_every_fault_named() {
    let mut bad = Record::info("two words", "a.*", "hello");
    let taken = Extension::text("x").unwrap();
    bad.extensions.insert("outcome".parse().unwrap(), taken);
    let text = Event::try_from(&bad).unwrap_err().to_string();
    for part in ["component must", "action must", "outcome must not"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let record = Record::error("a.b", "c.d", "hello");
    let event = Event::try_from(&record).unwrap();
    let refused = |change: &dyn Fn(&mut Event)| {
        let mut event = event.clone();
        change(&mut event);
        Record::try_from(&event).is_err()
    };
    assert!(!refused(&|_| {}));
    assert!(refused(
        &|event| event.set_source("/elsewhere".parse().unwrap())
    ));
    for name in ["component", "severitynumber", "severitytext"] {
        assert!(
            refused(&|event| drop(event.remove_extension(name))),
            "{name}"
        );
    }
    let schema = "urn:schema:1".parse().ok();
    assert!(refused(
        &|event| event.set_data_schema(Clone::clone(&schema))
    ));
    let task = || "taskid".parse().unwrap();
    let number = Extension::Integer(1);
    assert!(refused(&|event| drop(
        event.set_extension(task(), number.clone())
    )));
    let severity = "severitynumber".parse().unwrap();
    assert!(refused(&|event| drop(event.set_extension(
        Clone::clone(&severity),
        Extension::Integer(25)
    ))));
    for data in [r#"{"detail":1}"#, r#"{"other":1}"#, "[]", r#"{"attrs":[]}"#] {
        let json = events_core::Data::Json(JsonText::parse(data).unwrap());
        assert!(
            refused(&|event| event.set_data(Some(json.clone()))),
            "{data}"
        );
    }
}
