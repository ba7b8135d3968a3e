//! Seventeen inputs on which the CloudEvents SDK departs from the specification, and what the
//! specification asks for.

use bytes::Bytes;
use events_core::codec::binary::{self, Binding};
use events_core::codec::http::Mode;
use events_core::codec::{DecodeError, Limits, batch, structured};
use events_core::{Data, Event, EventSinkExt as _, Extension, NoopSink};

fn decode(text: &str) -> Result<Event, String> {
    structured::decode(text.as_bytes(), Limits::default())
        .map_err(|error| error.into_violations().to_string())
}

/// A structured event with `members` added.
fn with(members: &str) -> Result<Event, String> {
    decode(&format!(
        r#"{{"specversion":"1.0","id":"1","source":"/s","type":"t",{members}}}"#
    ))
}

fn binary(headers: &[(&str, &str)], body: &'static [u8]) -> Result<Event, DecodeError> {
    let required = [
        ("ce-specversion", "1.0"),
        ("ce-id", "1"),
        ("ce-source", "/s"),
        ("ce-type", "t"),
    ];
    let headers = required
        .iter()
        .chain(headers)
        .map(|(name, value)| (*name, value.as_bytes()));
    binary::decode(
        Binding::Http,
        headers,
        &Bytes::from_static(body),
        Limits::default(),
    )
}

#[test]
fn p01_empty_required_attributes_are_refused() {
    let error = decode(r#"{"specversion":"1.0","id":"","source":"","type":""}"#).unwrap_err();
    assert_eq!(
        error,
        "id must not be empty; source must not be empty; type must not be empty"
    );
}

#[test]
fn p02_a_source_that_is_no_uri_reference_is_refused() {
    let text = r#"{"specversion":"1.0","id":"1","source":"not a uri \n","type":"t"}"#;
    assert!(decode(text).unwrap_err().starts_with("source must"));
}

#[test]
fn p03_an_extension_name_outside_the_alphabet_is_refused() {
    assert!(
        with(r#""Bad_Name":"x""#)
            .unwrap_err()
            .contains("lower-case letters and digits")
    );
}

#[test]
fn p04_an_integer_beyond_32_bits_is_refused() {
    assert!(
        with(r#""big":5000000000"#)
            .unwrap_err()
            .contains("whole number of 32 bits")
    );
    assert_eq!(
        with(r#""big":-2147483648"#).unwrap().extension("big"),
        Some(&Extension::Integer(i32::MIN))
    );
}

#[test]
fn p05_fractions_and_objects_are_refused_in_words_that_help() {
    assert_eq!(
        with(r#""ratio":1.5"#).unwrap_err(),
        "ratio must be a whole number of 32 bits"
    );
    assert_eq!(
        with(r#""nested":{"a":[1]},"list":[]"#).unwrap_err(),
        "nested must be a string, a Boolean or a whole number; \
         list must be a string, a Boolean or a whole number"
    );
}

#[test]
fn p06_base64_data_without_a_media_type_stays_binary() {
    let event = with(r#""data_base64":"eyJhIjoxfQ==""#).unwrap();
    assert_eq!(
        event.data(),
        Some(&Data::Binary(Bytes::from_static(b"{\"a\":1}")))
    );
    assert!(structured::encode(&event).ends_with(r#""data_base64":"eyJhIjoxfQ=="}"#));
}

#[test]
fn p07_json_media_types_are_known_by_suffix_whatever_their_case() {
    for media_type in ["application/vnd.x+json; charset=utf-8", "Application/JSON"] {
        let event = with(&format!(
            r#""datacontenttype":"{media_type}","data":{{"a":1}}"#
        ))
        .unwrap();
        assert!(matches!(event.data(), Some(Data::Json(_))));
        assert_eq!(event.data_content_type().unwrap().as_str(), media_type);
    }
}

#[test]
fn p08_duplicate_keys_are_refused_at_any_depth() {
    for members in [
        r#""a":"1","a":"2""#,
        r#""data":{"x":[{"k":1,"\u006b":2}]}"#,
        r#""id":"2""#,
    ] {
        assert!(
            with(members).unwrap_err().contains("duplicate object key"),
            "{members}"
        );
    }
}

#[test]
fn p09_numbers_keep_their_digits() {
    let data = r#"[18446744073709551616,1.10,-0,1e999,1E+2]"#;
    let event = with(&format!(r#""data":{data}"#)).unwrap();
    assert_eq!(event.data().unwrap().as_bytes(), data.as_bytes());
    assert!(structured::encode(&event).ends_with(&format!(r#""data":{data}}}"#)));
}

#[test]
fn p10_time_keeps_its_offset_and_digits() {
    let time = "2020-06-18T19:24:53.1234567891+02:00";
    let event = with(&format!(r#""time":"{time}""#)).unwrap();
    assert!(structured::encode(&event).contains(time));
}

#[test]
fn p11_binary_headers_are_percent_decoded() {
    let event = binary(&[("CE-Subject", "Euro%20%E2%82%AC")], b"").unwrap();
    assert_eq!(event.subject().unwrap().as_str(), "Euro €");
}

#[test]
fn p12_non_ascii_is_percent_encoded_in_headers() {
    let event = Event::builder("1", "/s", "t")
        .subject("Euro € 100%")
        .build()
        .unwrap();
    let message = binary::encode(Binding::Http, &event);
    let subject = message
        .headers
        .iter()
        .find(|(name, _)| name == "ce-subject")
        .unwrap();
    assert_eq!(subject.1, "Euro%20%E2%82%AC%20100%25");
}

#[test]
fn p13_the_structured_media_type_is_known_whatever_its_case() {
    assert_eq!(
        Mode::of(Some("APPLICATION/CloudEvents+JSON")).unwrap(),
        Mode::Structured
    );
}

#[test]
fn p14_a_batch_is_a_batch_with_or_without_ce_headers() {
    assert_eq!(
        Mode::of(Some("application/cloudevents-batch+json")).unwrap(),
        Mode::Batched
    );
    assert!(batch::decode(b"[]", Limits::default()).unwrap().is_empty());
}

#[test]
fn p15_an_unknown_event_format_is_an_unsupported_media_type() {
    let error = Mode::of(Some("application/cloudevents+protobuf")).unwrap_err();
    assert!(matches!(error, DecodeError::UnsupportedMedia));
}

#[test]
fn p16_an_event_over_the_limit_is_refused_before_it_is_read() {
    let body = vec![b'x'; 20 * 1024 * 1024];
    let error = structured::decode(&body, Limits::default()).unwrap_err();
    assert!(matches!(error, DecodeError::TooLarge { limit: 262_144 }));
}

#[test]
fn p17_equal_events_have_equal_bytes() {
    let event = with(r#""z":"1","a":2,"m":true,"k":"4","time":"2020-06-18T17:24:53Z","data":{}"#);
    let event = event.unwrap();
    let first = NoopSink.seal(vec![event.clone()]).pop().unwrap().unwrap();
    for _ in 0..50 {
        let again = NoopSink.seal(vec![event.clone()]).pop().unwrap().unwrap();
        assert_eq!(again.bytes(), first.bytes());
    }
}
