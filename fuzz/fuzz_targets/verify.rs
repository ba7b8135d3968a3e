//! No event makes the verifier panic, and nothing verifies that was not signed: the keys are known
//! to nobody.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sink_sign::{Audit, Mode, Order, PublicKeys, SigningKey, Verifier};

static KEYS: LazyLock<PublicKeys> =
    LazyLock::new(|| PublicKeys::of(&SigningKey::generate().expect("randomness")));

fuzz_target!(|bytes: &[u8]| {
    let mut audit = Audit::new(Verifier::new(KEYS.clone(), Mode::Strict), Order::Strict);
    audit.file("fuzz", bytes).expect("reading from memory does not fail");
    assert_eq!(audit.finish().verified, 0);
});
