//! What the structured decoder accepts, it writes and reads back to the same event, seals to one
//! line, and serde_json accepts too.
#![no_main]

use bytes::Bytes;
use events_core::codec::{Limits, structured};
use events_core::{EventSinkExt as _, NoopSink, WireEvent};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(event) = structured::decode(bytes, Limits::default()) else { return };
    let written = structured::encode(&event);
    let again = structured::decode(written.as_bytes(), Limits::UNLIMITED).expect("reads back");
    assert!(again == event);
    if let Some(Ok(sealed)) = NoopSink.seal(vec![event]).pop() {
        assert!(!sealed.bytes().contains(&b'\n'));
        let back = WireEvent::from_bytes(Bytes::copy_from_slice(sealed.bytes()));
        assert_eq!(back.expect("reads back").message_id(), sealed.message_id());
    }
});
