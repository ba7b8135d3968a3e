use events_core::time::Timestamp;
use events_core::{Event, Extension};
use sha2::{Digest as _, Sha256};

/// A SHA-256 digest.
pub type Digest = [u8; 32];

/// The digest of the core attributes and the data (signing protocol, steps 3 and 4).
#[must_use]
pub fn core_digest(event: &Event) -> Digest {
    core_digest_at(event, event.time())
}

/// The same for an event whose `time` is another than the one it has now.
pub(crate) fn core_digest_at(event: &Event, time: Option<&Timestamp>) -> Digest {
    let time = time.map(Timestamp::to_zulu_seconds).unwrap_or_default();
    let media_type = event.data_content_type().map(|value| value.as_str());
    let schema = event.data_schema().map(|value| value.as_str());
    let subject = event.subject().map(|value| value.as_str());
    let values: [&[u8]; 9] = [
        event.id().as_str().as_bytes(),
        event.source().as_str().as_bytes(),
        b"1.0",
        event.kind().as_str().as_bytes(),
        media_type.unwrap_or_default().as_bytes(),
        schema.unwrap_or_default().as_bytes(),
        subject.unwrap_or_default().as_bytes(),
        time.as_bytes(),
        event.data().map(|data| data.as_bytes()).unwrap_or_default(),
    ];
    let mut all = Sha256::new();
    for value in values {
        all.update(Sha256::digest(value));
    }
    all.finalize().into()
}

/// The digest of extension attributes in the order they are listed (signing protocol, step 5).
/// One that is not on the event counts as empty.
#[must_use]
pub fn extension_digest<'a>(values: impl IntoIterator<Item = Option<&'a Extension>>) -> Digest {
    let mut all = Sha256::new();
    for value in values {
        let text = value.map(Extension::to_canonical).unwrap_or_default();
        all.update(Sha256::digest(text.as_bytes()));
    }
    all.finalize().into()
}
