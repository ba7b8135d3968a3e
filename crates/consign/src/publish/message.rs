use async_nats::HeaderMap;
use async_nats::header::{HeaderName, HeaderValue};
use events_core::WireEvent;
use events_core::codec::binary::{self, Binding};
use supervisor::exit::{Exit, Failure};

use crate::send::Message;

/// The headers of the command line.
pub(super) fn headers(given: &[String]) -> Result<HeaderMap, Failure> {
    let mut headers = HeaderMap::new();
    for header in given {
        let parsed = header.split_once(':').and_then(|(name, value)| {
            let name: HeaderName = name.trim().parse().ok()?;
            let value: HeaderValue = value.trim().parse().ok()?;
            Some((name, value))
        });
        let Some((name, value)) = parsed else {
            let what = "--header takes NAME:VALUE on one line";
            return Err(Failure::new(Exit::Usage, what).try_next("-H 'Priority: high'"));
        };
        headers.append(name, value);
    }
    Ok(headers)
}

/// Refuses headers that an event's own attributes and its form make.
pub(super) fn leave_events_alone(headers: &HeaderMap) -> Result<(), Failure> {
    for (name, _) in headers.iter() {
        let text: &str = name.as_ref();
        let name = text.to_ascii_lowercase();
        let instead = match name.as_str() {
            "nats-msg-id" => "--id ID, which with the source makes the Nats-Msg-Id",
            "content-type" => "--structured or --binary, which say it",
            _ if name.starts_with("ce-") => "--type, --source, --id or --ext NAME=VALUE",
            _ => continue,
        };
        let what = format!("an event has a {text} of its own, and not one from --header");
        let advice = format!("{instead}; or --raw, for a message that is no event");
        return Err(Failure::new(Exit::Usage, what).try_next(advice));
    }
    Ok(())
}

/// An event as a message in binary mode (CloudEvents NATS binding, section 3.1).
pub(super) fn binary(event: &WireEvent, subject: &str) -> Result<Message, Failure> {
    let whole = event.to_event().map_err(|violations| {
        Failure::new(Exit::Failed, "write the event in binary mode").because(violations)
    })?;
    let binary::Message { headers, body } = binary::encode(Binding::Nats, &whole);
    let mut message = Message::of_event(event, subject);
    message.payload = body;
    let id = message.headers.get("Nats-Msg-Id").cloned();
    message.headers = HeaderMap::new();
    for (name, value) in &headers {
        message.headers.append(name.as_str(), value.as_str());
    }
    if let Some(id) = id {
        message.headers.insert("Nats-Msg-Id", id);
    }
    Ok(message)
}
