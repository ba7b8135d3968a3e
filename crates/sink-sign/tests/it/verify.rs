//! Verdicts over one event: what the modes look at, whose keys count, what tells a change.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use events_core::{Event, EventBuilder, Extension, codec};
use sink_sign::dsse::{Envelope, Material, PAYLOAD_TYPE, SignedExtensions, extension_digest, pae};
use sink_sign::{
    Alteration, Config, Mode, Origin, PublicKeys, Sign as _, Signer, SigningKey, Validity, Verdict,
    Verifier,
};

use super::support::{event, key, keys, sealed, signer};

fn check(mode: Mode, event: &Event) -> Verdict {
    Verifier::new(keys(), mode).check(event)
}

fn set(event: &mut Event, name: &str, value: &str) {
    event.set_extension(name.parse().unwrap(), Extension::text(value).unwrap());
}

/// A sealed event, changed.
fn changed(change: impl FnOnce(&mut Event)) -> Event {
    let mut event = sealed(
        event("1")
            .extension("exta", "x")
            .boolean_extension("extb", true),
    );
    change(&mut event);
    event
}

#[test]
fn changes_are_told_by_what_they_change() {
    type Change = fn(&mut Event);
    let changes: [(Alteration, Change); 10] = [
        (Alteration::Core, |event| event.set_id("2".parse().unwrap())),
        (Alteration::Core, |event| {
            event.set_subject(Some("s".parse().unwrap()))
        }),
        (Alteration::Core, |event| event.set_data(None)),
        (Alteration::Core, |event| event.set_time(None)),
        (Alteration::Extensions, |event| set(event, "exta", "y")),
        (Alteration::Extensions, |event| {
            event.remove_extension("exta");
        }),
        (Alteration::Extensions, |event| {
            event.set_extension("extb".parse().unwrap(), Extension::Boolean(false));
        }),
        (Alteration::UnsignedExtension, |event| {
            set(event, "extc", "x")
        }),
        (Alteration::Material, |event| {
            set(event, "dssematerial", "e30=")
        }),
        (Alteration::Material, |event| {
            event.set_extension("dssematerial".parse().unwrap(), Extension::Integer(1));
        }),
    ];
    for (place, (alteration, change)) in changes.into_iter().enumerate() {
        let verdict = check(Mode::Strict, &changed(change));
        assert_eq!(verdict, Verdict::Altered(alteration), "{place}");
    }
    let stripped = changed(|event| {
        event.remove_extension("dssematerial");
    });
    assert_eq!(check(Mode::Strict, &stripped), Verdict::Unsigned);
}

#[test]
fn the_material_of_another_event_does_not_fit() {
    let mut events = ["1", "2"].map(|id| sealed(event(id)));
    let material = events[0].remove_extension("dssematerial").unwrap();
    events[1].set_extension("dssematerial".parse().unwrap(), material);
    assert_eq!(
        check(Mode::Strict, &events[1]),
        Verdict::Altered(Alteration::Core)
    );
}

#[test]
fn time_is_signed_to_the_digit() {
    let timed = |time: &str| event("1").time(time);
    let mut event = sealed(timed("2020-06-18T17:24:53.25Z"));
    for other in [
        "2020-06-18T17:24:53.26Z",
        "2020-06-18T17:24:53.25+00:00",
        "2020-06-18T17:24:53Z",
    ] {
        event.set_time(Some(other.parse().unwrap()));
        let verdict = check(Mode::Strict, &event);
        assert_eq!(verdict, Verdict::Altered(Alteration::ExactTime), "{other}");
    }
    event.set_time(Some("2020-06-18T17:24:54.25Z".parse().unwrap()));
    assert_eq!(
        check(Mode::Strict, &event),
        Verdict::Altered(Alteration::Core)
    );
    event.set_time(Some("2020-06-18T19:24:53.25+02:00".parse().unwrap()));
    assert!(check(Mode::CoreOnly, &event).is_verified());
}

#[test]
fn modes_differ_in_what_they_do_with_extensions() {
    let event = changed(|event| set(event, "extc", "unsigned"));
    assert!(!check(Mode::Strict, &event).is_verified());
    let passed = Verifier::new(keys(), Mode::Passthrough);
    let passed = passed.verified_event(event.clone()).unwrap();
    assert!(passed.event.extension("exta").is_some());
    assert_eq!(passed.event.extension("extc"), None);
    assert_eq!(passed.event.extension("dssematerial"), None);
    let unverified: Vec<_> = passed.unverified.keys().map(|name| name.as_str()).collect();
    assert_eq!(unverified, ["extc"]);

    let event = changed(|event| set(event, "exta", "changed"));
    assert!(!check(Mode::Passthrough, &event).is_verified());
    let core = Verifier::new(keys(), Mode::CoreOnly)
        .verified_event(event)
        .unwrap();
    assert!(core.event.extensions().is_empty() && core.unverified.is_empty());
    assert!(core.event.data().is_some());
    assert_eq!(core.key_id, *key().key_id());
}

#[test]
fn modes_have_names() {
    for mode in [Mode::Strict, Mode::Passthrough, Mode::CoreOnly] {
        assert_eq!(mode.to_string().parse(), Ok(mode));
    }
    assert!("lax".parse::<Mode>().is_err());
}

#[test]
fn a_key_that_is_not_accepted_is_unknown_and_one_that_lies_is_found() {
    let other = SigningKey::generate().unwrap();
    let strangers = PublicKeys::of(&other);
    let verdict = Verifier::new(strangers, Mode::Strict).check(&sealed(event("1")));
    assert_eq!(verdict, Verdict::UnknownKey);
    let mut lying = PublicKeys::default();
    lying.replace(
        key().key_id().clone(),
        other.public_key(),
        Validity::default(),
    );
    let verdict = Verifier::new(lying, Mode::Strict).check(&sealed(event("1")));
    assert_eq!(verdict, Verdict::Altered(Alteration::Signature));
}

#[test]
fn a_rotated_key_counts_for_the_events_of_its_time() {
    let mut rotated = PublicKeys::default();
    let validity = Validity {
        not_before: Some(1_577_836_800),
        expires: Some(1_609_459_200),
    };
    rotated.replace(key().key_id().clone(), key().public_key(), validity);
    let verifier = Verifier::new(rotated, Mode::Strict);
    let at = |time: &str| verifier.check(&sealed(event("1").time(time)));
    let key_id = key().key_id().clone();
    assert!(at("2020-06-18T17:24:53Z").is_verified());
    assert_eq!(
        at("2021-01-01T00:00:00Z"),
        Verdict::ExpiredKey {
            key_id: key_id.clone()
        }
    );
    assert_eq!(at("2019-12-31T23:59:59Z"), Verdict::ExpiredKey { key_id });
}

/// An event of another producer, signed by a key of its own before it came to us.
fn foreign(event: EventBuilder) -> (Event, PublicKeys) {
    let key = Arc::new(SigningKey::from_seed(&[9; 32]).with_id("them").unwrap());
    let keys = PublicKeys::of(&*key);
    let signer = Signer::new(key, Config::default());
    let mut event = event.build().unwrap();
    signer.sign_unchained(&mut event).unwrap();
    // Their receipts bear no attribute that only we set.
    event.remove_extension("exacttime");
    (event, keys)
}

/// What we make of it, after `change`, and what we say of their signature.
fn origin(event: EventBuilder, change: impl FnOnce(&mut Event)) -> Option<Origin> {
    let (mut event, theirs) = foreign(event);
    change(&mut event);
    let mut drafts = [Ok(event)];
    signer().sign(&mut drafts);
    let [Ok(signed)] = drafts else {
        panic!("refused");
    };
    let mut all = keys();
    all.merge(theirs).unwrap();
    let verifier = Verifier::new(all, Mode::Strict);
    assert!(verifier.check(&signed).is_verified());
    verifier.origin(&signed)
}

#[test]
fn the_signature_an_event_came_with_is_judged_beneath_ours() {
    // Without a time, theirs lists no exacttime.
    let plain = || Event::builder("1", "/s", "demo.hello").json("{}");
    let key_id = "them".parse().unwrap();
    let holds = Some(Origin::Holds { key_id });
    assert_eq!(origin(plain(), |_| {}), holds);
    assert_eq!(
        origin(
            plain().extension("sequence", "5").extension("exta", "x"),
            |_| {}
        ),
        holds
    );
    assert_eq!(origin(plain().extension("tenantid", "acme"), |_| {}), holds);
    let time: events_core::time::Timestamp = "2020-06-18T17:24:53Z".parse().unwrap();
    assert_eq!(origin(plain(), |event| event.set_time(Some(time))), holds);
    assert_eq!(
        origin(plain(), |event| event.set_data(None)),
        Some(Origin::Broken)
    );
    assert_eq!(
        origin(plain().extension("exta", "x"), |event| set(
            event, "exta", "y"
        )),
        Some(Origin::Broken)
    );
    let garbled = |event: &mut Event| set(event, "dssematerial", "e30=");
    assert_eq!(origin(plain(), garbled), Some(Origin::Broken));
    let verifier = Verifier::new(keys(), Mode::Strict);
    assert_eq!(verifier.origin(&sealed(plain())), None);
    let (event, _) = foreign(plain());
    let mut drafts = [Ok(event)];
    signer().sign(&mut drafts);
    assert_eq!(
        verifier.origin(drafts[0].as_ref().unwrap()),
        Some(Origin::UnknownKey)
    );
}

/// A tenant that sealing gave may have been listed by an origin whose event had none.
#[test]
fn an_origin_may_list_a_tenant_that_its_event_did_not_have() {
    let judged = |digest_of: Option<&Extension>| {
        let mut event = Event::builder("1", "/s", "demo.hello").build().unwrap();
        let mut material = Material::of(&event);
        material.extensions = Some(SignedExtensions {
            digest: extension_digest([digest_of]),
            names: vec!["tenantid".into()],
        });
        let payload = material.encode();
        let signature = key().sign(&pae(PAYLOAD_TYPE, payload.as_bytes())).unwrap();
        set(
            &mut event,
            "dssematerial",
            &envelope(&payload, &signature, ""),
        );
        let mut drafts = [Ok(event)];
        signer().sign(&mut drafts);
        Verifier::new(keys(), Mode::Strict).origin(drafts[0].as_ref().unwrap())
    };
    let key_id = key().key_id().clone();
    assert_eq!(judged(None), Some(Origin::Holds { key_id }));
    assert_eq!(
        judged(Some(&Extension::text("acme").unwrap())),
        Some(Origin::Broken)
    );
}

/// The attribute, in a spelling of its own: more fields, white space.
fn envelope(payload: &str, signature: &[u8], more: &str) -> String {
    let (payload, signature) = (STANDARD.encode(payload), STANDARD.encode(signature));
    let id = key().key_id().clone();
    STANDARD.encode(format!(
        r#"{{"payloadType":"{PAYLOAD_TYPE}","payload":"{payload}","signatures":[{{"keyid":"{id}","sig":"{signature}"}}]{more}}}"#
    ))
}

/// What the signature does not cover must not differ either, in an event of ours.
#[test]
fn the_material_of_ours_has_one_spelling() {
    let mut event = sealed(event("1"));
    let material = event
        .extension("dssematerial")
        .unwrap()
        .as_str()
        .unwrap()
        .to_owned();
    let Envelope {
        payload,
        signatures,
    } = Envelope::from_attribute(&material).unwrap();
    let payload = String::from_utf8(payload).unwrap();
    assert_eq!(envelope(&payload, &signatures[0].bytes, ""), material);
    for more in [" ", r#","x":1"#] {
        let other = envelope(&payload, &signatures[0].bytes, more);
        set(&mut event, "dssematerial", &other);
        let verdict = check(Mode::Strict, &event);
        assert_eq!(verdict, Verdict::Altered(Alteration::Material));
        assert!(check(Mode::Passthrough, &event).is_verified());
    }
}

#[test]
fn the_published_case_5_verifies_and_fails_when_changed() {
    let keys = PublicKeys::parse(CASE_5_KEYS).unwrap();
    for mode in [Mode::Strict, Mode::Passthrough, Mode::CoreOnly] {
        let verifier = Verifier::new(keys.clone(), mode);
        let decode = |text: &str| codec::structured::decode(text.as_bytes(), Default::default());
        let key_id = "testkey".parse().unwrap();
        let verdict = verifier.check(&decode(CASE_5).unwrap());
        assert_eq!(verdict, Verdict::Verified { key_id });
        let other = CASE_5.replace("8J+koQ==", "8J+koA==");
        let verdict = verifier.check(&decode(&other).unwrap());
        assert_eq!(verdict, Verdict::Altered(Alteration::Core));
    }
}

/// The key and case 5 of the extension's published test vectors.
const CASE_5_KEYS: &str = r#"{"keys":[{"kty":"EC","crv":"P-256","kid":"testkey",
    "x":"Z805D3eqNZywjCI19lInBJOp7YMrCrzAH3CVTAOQ0jg","y":"DHgr1U4mkSWkT0Qzr_FDLOlOErynOqZ6yAzqEmCN33Q"}]}"#;
const CASE_5: &str = r#"{"specversion":"1.0","id":"1","source":"example/uri","type":"example.type.binary","datacontenttype":"application/octet-stream","data_base64":"8J+koQ==","dssematerial":"eyJwYXlsb2FkVHlwZSI6Imh0dHBzOi8vY2xvdWRldmVudHMuaW8vdmVyaWZpYWJpbGl0eS9kc3NlL3YwLjEiLCJwYXlsb2FkIjoiZXlKamIzSmxJam9pY1VOVFpXbGFhMU1yYUVnNVYybERiR1p4Tm5Cc1puRlpUbFo1TW10MmVGZFNabTlDY2t4RmVtOUVhejBpZlE9PSIsInNpZ25hdHVyZXMiOlt7ImtleWlkIjoidGVzdGtleSIsInNpZyI6IkYyaXAweG1nSlgzdWdIWkM2dE1ycjdBMkVxYWkwOHJhR3JUd2R5aC9PR0RJSXJGN0J5TTJ5SVRMS3FOckYzZHpaR1IybzBDczlmRUJGZEx4Uk9VeUVRPT0ifV19"}"#;
