//! What the live tail says, as events of a stream (HTML Living Standard, section 9.2.6).

use bytes::{BufMut as _, Bytes, BytesMut};

use crate::events::is_id;
use crate::ports::{Destination, TailItem};

/// What comes first: how long to wait before coming back, in milliseconds.
pub(super) const HELLO: Bytes = Bytes::from_static(b"retry: 2000\n\n");

/// A sign of life, which clients skip.
pub(super) const HEARTBEAT: Bytes = Bytes::from_static(b":\n\n");

/// `items` one after another.
pub(super) fn items(items: &[TailItem]) -> Bytes {
    let mut frames = BytesMut::with_capacity(items.iter().map(room).sum());
    for item in items {
        match item {
            TailItem::Event { id, event } => {
                // Anything else could end the line, and say what it likes on the next.
                if is_id(id) {
                    put(&mut frames, &[b"id: ", id.as_bytes(), b"\n"]);
                }
                put(
                    &mut frames,
                    &[b"event: message\ndata: ", event.bytes(), b"\n\n"],
                );
            }
            TailItem::Spilled { event } => put(
                &mut frames,
                &[b"event: spilled\ndata: ", event.bytes(), b"\n\n"],
            ),
            TailItem::Destination(Destination::Away) => frames.put(AWAY),
            TailItem::Destination(Destination::Back) => frames.put(BACK),
            TailItem::Lagged { missed } => frames.put(lagged(*missed)),
        }
    }
    frames.freeze()
}

/// That events are missing. It has no id, so that whoever comes back goes on after the last event
/// that arrived.
pub(super) fn lagged(missed: Option<u64>) -> Bytes {
    let missed = missed.map_or_else(|| "null".to_owned(), |missed| missed.to_string());
    format!("event: lagged\ndata: {{\"missed\":{missed}}}\n\n").into()
}

fn put(frames: &mut BytesMut, parts: &[&[u8]]) {
    for part in parts {
        frames.put_slice(part);
    }
}

fn room(item: &TailItem) -> usize {
    match item {
        TailItem::Event { id, event } => id.len() + event.bytes().len() + 64,
        TailItem::Spilled { event } => event.bytes().len() + 64,
        TailItem::Destination(_) => AWAY.len(),
        TailItem::Lagged { .. } => 64,
    }
}

/// Words that a client can show as they are.
const AWAY: &[u8] =
    b"event: notice\ndata: {\"destination\":\"away\",\"text\":\"the broker is away: \
    events that are accepted meanwhile come as spilled, and once more when it has them\"}\n\n";

const BACK: &[u8] =
    b"event: notice\ndata: {\"destination\":\"back\",\"text\":\"the broker is back\"}\n\n";
