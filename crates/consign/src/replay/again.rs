//! What was stored, as it is handed over once more.

use async_nats::HeaderMap;
use bytes::Bytes;
use events_core::codec::structured;
use events_core::is_ours;

use crate::history::{Body, Item, Sealed};
use crate::send::Message;

/// The same message for another subject. What the stream would take as orders stays behind.
pub(super) fn message(item: Item, to: &str) -> Option<Message> {
    let Body::Event(Sealed { event, message }) = item.body else {
        return None;
    };
    let Some((headers, payload)) = message else {
        return Some(Message::of_event(&event, to));
    };
    let id = event.message_id().to_string();
    Some(copied(&headers, payload, to, &id))
}

fn copied(headers: &HeaderMap, payload: Bytes, to: &str, id: &str) -> Message {
    let mut kept = HeaderMap::new();
    for (name, values) in headers.iter() {
        let text: &str = name.as_ref();
        let is_order = text
            .get(..5)
            .is_some_and(|start| start.eq_ignore_ascii_case("Nats-"));
        if !is_order || text.eq_ignore_ascii_case(MESSAGE_ID) {
            for value in values {
                kept.append(name.clone(), value.clone());
            }
        }
    }
    if kept.get(MESSAGE_ID).is_none() {
        kept.insert(MESSAGE_ID, id);
    }
    Message {
        subject: to.to_owned(),
        headers: kept,
        payload,
    }
}

/// The event without what its chain set: the next one sets its own, and takes no other's.
pub(super) fn unsealed(item: &Item) -> Option<String> {
    let mut event = item.event()?.to_event().ok()?;
    let own: Vec<String> = event
        .extensions()
        .keys()
        .map(|name| name.as_str().to_owned())
        .filter(|name| is_ours(name))
        .collect();
    let was_sealed = own.iter().any(|name| name == "producerid");
    for name in own {
        event.remove_extension(&name);
    }
    if was_sealed {
        event.remove_extension("dssematerial");
        event.remove_extension("sequence");
    }
    Some(structured::encode(&event))
}

const MESSAGE_ID: &str = "Nats-Msg-Id";
