//! The forms an event travels in keep it whole.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bytes::Bytes;
use events_core::codec::binary::{self, Binding, Message};
use events_core::codec::{DecodeError, Limits, structured};
use events_core::{Data, Event};
use proptest::prelude::{Strategy, any, prop, prop_oneof, proptest};

fn decode_binary(binding: Binding, message: &Message) -> Result<Event, DecodeError> {
    let headers = message
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_bytes()));
    binary::decode(binding, headers, &message.body, Limits::default())
}

fn text() -> impl Strategy<Value = String> {
    any::<String>().prop_map(|text| {
        let kept: String = text
            .chars()
            .filter(|c| !c.is_control() && (*c as u32) & 0xFFFE != 0xFFFE)
            .filter(|c| !('\u{fdd0}'..='\u{fdef}').contains(c))
            .collect();
        if kept.is_empty() {
            "x".to_owned()
        } else {
            kept
        }
    })
}

/// Data with the media type that declares it, in forms that every mode can tell apart.
fn data() -> impl Strategy<Value = Option<(Data, &'static str)>> {
    let json = any::<String>().prop_map(|value| {
        let text = serde_json::json!({ "value": value, "n": [1, null] }).to_string();
        let event = Event::builder("1", "/s", "t").json(&text).build().unwrap();
        (event.data().unwrap().clone(), "application/json")
    });
    let plain = "[^\u{0}]{1,40}".prop_map(|text| (Data::Text(text.into()), "text/plain"));
    let bytes = prop::collection::vec(any::<u8>(), 1..64)
        .prop_map(|bytes| (Data::Binary(bytes.into()), "application/octet-stream"));
    prop::option::of(prop_oneof![json, plain, bytes])
}

fn event() -> impl Strategy<Value = Event> {
    let extensions = prop::collection::btree_map("x[a-z0-9]{1,12}", text(), 0..5);
    (
        text(),
        "/[a-z0-9/]{0,12}",
        text(),
        prop::option::of(text()),
        extensions,
        data(),
    )
        .prop_map(|(id, source, kind, subject, extensions, data)| {
            let mut draft = Event::builder(&id, &source, &kind).time("2020-06-18T19:24:53.1+02:00");
            for (name, value) in &extensions {
                draft = draft.extension(name, value);
            }
            if let Some(subject) = subject {
                draft = draft.subject(&subject);
            }
            let mut event = match &data {
                Some((_, media_type)) => draft.data_content_type(media_type),
                None => draft,
            }
            .build()
            .unwrap();
            event.set_data(data.map(|(data, _)| data));
            event
        })
}

proptest! {
    #[test]
    fn structured_http_and_nats_binary_are_identity(event in event()) {
        let structured = structured::encode(&event);
        assert!(!structured.contains('\n'));
        let from_structured = structured::decode(structured.as_bytes(), Limits::default()).unwrap();
        let http = binary::encode(Binding::Http, &from_structured);
        let from_http = decode_binary(Binding::Http, &http).unwrap();
        let nats = binary::encode(Binding::Nats, &from_http);
        let from_nats = decode_binary(Binding::Nats, &nats).unwrap();
        assert!(from_nats == event);
        assert_eq!(structured::encode(&from_nats), structured);
    }

    #[test]
    fn no_bytes_make_a_decoder_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _decoded = structured::decode(&bytes, Limits::default());
        let body = Bytes::from(bytes.clone());
        let headers = [("ce-id", bytes.as_slice()), ("content-type", b"application/json")];
        let _decoded = binary::decode(Binding::Http, headers, &body, Limits::default());
    }

    #[test]
    fn the_sdk_and_back_keeps_events_it_can_hold(event in event()) {
        let sdk = cloudevents::Event::try_from(&event).unwrap();
        let back = Event::try_from(sdk).unwrap();
        assert_eq!(back.id(), event.id());
        assert_eq!(back.extensions(), event.extensions());
        assert_eq!(back.time().unwrap().instant(), event.time().unwrap().instant());
        assert_eq!(back.data(), event.data());
    }
}

#[test]
fn every_violation_of_a_structured_event_is_named_once() {
    let text = r#"{"specversion":"0.3","source":" ","type":1,"time":"now","datacontenttype":"x",
        "dataschema":"/relative","subject":"","data":1,"data_base64":"***","good":"","id":null}"#;
    let error = structured::decode(text.as_bytes(), Limits::default()).unwrap_err();
    let violations = error.into_violations();
    let named: Vec<&str> = violations
        .iter()
        .map(|found| found.attribute.as_str())
        .collect();
    let expected = [
        "specversion",
        "source",
        "type",
        "time",
        "datacontenttype",
        "dataschema",
        "subject",
        "good",
        "data",
        "id",
    ];
    assert_eq!(named, expected);
}

#[test]
fn null_unsets_an_attribute_and_is_data_of_its_own() {
    let base = r#"{"specversion":"1.0","id":"1","source":"/s","type":"t""#;
    let decode = |rest: &str| {
        structured::decode(format!("{base}{rest}}}").as_bytes(), Limits::default()).unwrap()
    };
    assert!(decode(r#","subject":null,"ext":null"#).subject().is_none());
    assert!(decode("").data().is_none());
    assert_eq!(
        decode(r#","data":null"#).data().unwrap().as_bytes(),
        b"null"
    );
}

#[test]
fn a_string_is_text_only_where_the_media_type_is_not_json() {
    let decode = |members: &str| {
        let text =
            format!(r#"{{"specversion":"1.0","id":"1","source":"/s","type":"t",{members}}}"#);
        structured::decode(text.as_bytes(), Limits::default()).unwrap()
    };
    let json = decode(r#""data":"a\u0062""#);
    assert_eq!(json.data().unwrap().as_bytes(), br#""a\u0062""#);
    let text = decode(r#""datacontenttype":"text/xml","data":"<a>\u0062""#);
    assert_eq!(text.data(), Some(&Data::Text("<a>b".into())));
}

#[test]
fn a_body_declared_json_must_be_json() {
    let headers = [
        ("ce-specversion", "1.0"),
        ("ce-id", "1"),
        ("ce-source", "/s"),
        ("ce-type", "t"),
        ("Content-Type", "application/json"),
    ];
    for body in [&b"{\"a\":1,\"a\":2}"[..], b"nonsense", b"\"\xff\""] {
        let headers = headers
            .iter()
            .map(|(name, value)| (*name, value.as_bytes()));
        let body = Bytes::copy_from_slice(body);
        let error = binary::decode(Binding::Http, headers, &body, Limits::default()).unwrap_err();
        assert!(
            error
                .into_violations()
                .to_string()
                .starts_with("data is not acceptable JSON")
        );
    }
}

#[test]
fn headers_sent_twice_and_bodies_without_ce_headers_are_refused() {
    let twice = [
        ("ce-id", &b"1"[..]),
        ("CE-ID", b"2"),
        ("ce-specversion", b"1.0"),
    ];
    let error = binary::decode(Binding::Http, twice, &Bytes::new(), Limits::default()).unwrap_err();
    assert!(
        error
            .into_violations()
            .to_string()
            .contains("id must not be sent twice")
    );
    let none = [("content-type", &b"application/json"[..])];
    let body = Bytes::from_static(b"{}");
    let error = binary::decode(Binding::Http, none, &body, Limits::default()).unwrap_err();
    assert!(matches!(error, DecodeError::UnsupportedMedia));
}

#[test]
fn text_data_must_not_be_declared_json() {
    assert!(Event::builder("1", "/s", "t").text("x").build().is_err());
    let string = Event::builder("1", "/s", "t")
        .data_content_type("text/plain")
        .json("\"x\"");
    assert!(string.build().is_err());
}
