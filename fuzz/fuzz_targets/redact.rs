//! Nothing makes the redactor panic, a registered secret is in no byte of what is sealed, and
//! redacting twice is redacting once.
#![no_main]

use std::sync::LazyLock;

use events_core::codec::{Limits, structured};
use events_core::{EventSinkExt as _, NoopSink};
use libfuzzer_sys::fuzz_target;
use sink_redact::{Config, Redactor, TokenKey};

const SECRET: &str = "hunter2-of-the-fuzzer";

static REDACTOR: LazyLock<Redactor> = LazyLock::new(|| {
    let redactor = Redactor::new(Config::builtin(TokenKey::new([7; 32]))).expect("builds");
    redactor.register(SECRET).expect("long enough");
    redactor
});

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let planted = text.replace("SECRET", SECRET);
    let Ok(mut event) = structured::decode(planted.as_bytes(), Limits::default()) else { return };
    if REDACTOR.redact(&mut event).is_err() {
        return;
    }
    let Some(Ok(sealed)) = NoopSink.seal(vec![event.clone()]).pop() else { return };
    let needle = SECRET.as_bytes();
    assert!(!sealed.bytes().windows(needle.len()).any(|window| window == needle));
    let once = event.clone();
    if REDACTOR.redact(&mut event).is_ok() {
        assert!(event == once);
    }
});
