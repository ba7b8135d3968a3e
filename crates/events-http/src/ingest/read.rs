use axum::body::Body;
use bytes::Bytes;
use events_core::codec::http::Mode;
use events_core::codec::{DecodeError, batch, binary, structured};
use events_core::{Event, SinkError};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};

use crate::in_flight::Share;
use crate::problem::{Problem, refusal};
use crate::{Limits, body};

/// The mode that a request's headers declare.
pub(super) fn mode(headers: &HeaderMap) -> Result<Mode, Problem> {
    // A compressed body could grow without bound, so none is ever undone.
    let encoded = headers.get_all(CONTENT_ENCODING).iter().any(|value| {
        let value = value.as_bytes();
        !value.is_empty() && !value.eq_ignore_ascii_case(b"identity")
    });
    if encoded {
        let detail = "a body in another content encoding than identity is not understood";
        return Err(Problem::unsupported(detail));
    }
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let first = types.next();
    if types.next().is_some() {
        return Err(Problem::bad_request("Content-Type is there twice"));
    }
    match first.map(|value| value.to_str()) {
        None => Ok(Mode::of(None)?),
        Some(Ok(value)) => Ok(Mode::of(Some(value))?),
        Some(Err(_)) => Err(DecodeError::UnsupportedMedia.into()),
    }
}

/// The events of a request, each good or refused on its own.
pub(super) async fn events(
    mode: Mode,
    headers: &HeaderMap,
    body: Body,
    limits: &Limits,
    share: &mut Share,
) -> Result<Vec<Result<Event, SinkError>>, Problem> {
    let bytes = body::read(headers, body, limits, share).await?;
    let codec = limits.codec();
    let events = match mode {
        Mode::Batched => batch::decode(&bytes, codec)?,
        Mode::Structured => vec![structured::decode(&bytes, codec)],
        Mode::Binary => vec![read_binary(headers, &bytes, codec)?],
    };
    Ok(events
        .into_iter()
        .map(|event| event.map_err(refusal))
        .collect())
}

/// An event in binary mode. A request without any attribute is no event at all, and the fault
/// is the whole request's.
fn read_binary(
    headers: &HeaderMap,
    body: &Bytes,
    limits: events_core::codec::Limits,
) -> Result<Result<Event, DecodeError>, DecodeError> {
    let headers = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_bytes()));
    match binary::decode(binary::Binding::Http, headers, body, limits) {
        Err(DecodeError::UnsupportedMedia) => Err(DecodeError::UnsupportedMedia),
        event => Ok(event),
    }
}
