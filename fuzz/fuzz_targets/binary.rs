//! No headers and no body make the binary decoder panic, and what it accepts survives the way
//! through structured mode and both bindings.
#![no_main]

use bytes::Bytes;
use events_core::codec::binary::{self, Binding};
use events_core::codec::{Limits, structured};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (Vec<(String, Vec<u8>)>, Vec<u8>)| {
    let (headers, body) = input;
    let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_slice()));
    let decoded = binary::decode(Binding::Nats, headers, &Bytes::from(body), Limits::default());
    let Ok(event) = decoded else { return };
    let text = structured::encode(&event);
    let through = structured::decode(text.as_bytes(), Limits::UNLIMITED).expect("reads back");
    let message = binary::encode(Binding::Nats, &through);
    let headers = message.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    let back = binary::decode(Binding::Nats, headers, &message.body, Limits::UNLIMITED);
    assert!(back.expect("reads back").id() == event.id());
});
