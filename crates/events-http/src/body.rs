use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt as _;
use tokio::time::{Instant, timeout_at};

use crate::Limits;
use crate::in_flight::Share;
use crate::problem::Problem;

/// Reads a whole body, as far as it is allowed: never more than `max_body` bytes, never for
/// longer than `body_timeout`, and never past what the share may hold.
pub(crate) async fn read(
    headers: &HeaderMap,
    mut body: Body,
    limits: &Limits,
    share: &mut Share,
) -> Result<Bytes, Problem> {
    let declared = declared_length(headers);
    if declared.is_some_and(|length| length > limits.max_body) {
        return Err(too_large(limits));
    }
    let deadline = Instant::now() + limits.body_timeout;
    // What a client declares costs it nothing, so not all of it is set aside before it comes.
    let mut bytes = BytesMut::with_capacity(declared.unwrap_or(0).min(FIRST_PIECE));
    loop {
        let frame = match timeout_at(deadline, body.frame()).await {
            Ok(Some(Ok(frame))) => frame,
            Ok(None) => return Ok(bytes.freeze()),
            Ok(Some(Err(_))) => {
                return Err(Problem::bad_request("the body breaks off or is malformed").closing());
            }
            Err(_) => return Err(too_slow(limits)),
        };
        // Trailers are of no use here.
        let Ok(piece) = frame.into_data() else {
            continue;
        };
        if piece.len() > limits.max_body.saturating_sub(bytes.len()) {
            return Err(too_large(limits));
        }
        if !share.grow(piece.len()) {
            let detail = "too many bytes of other requests are in work";
            return Err(Problem::saturated(detail).closing());
        }
        bytes.extend_from_slice(&piece);
    }
}

/// Whether a body is declared as JSON.
pub(crate) fn is_json(headers: &HeaderMap) -> Result<(), Problem> {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let (first, more) = (types.next(), types.next());
    let essence = first
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next());
    let json = essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case(JSON));
    if json && more.is_none() && !headers.contains_key(CONTENT_ENCODING) {
        return Ok(());
    }
    Err(Problem::unsupported(
        "the body must be declared as application/json, without a content encoding",
    ))
}

/// The length that the headers declare, as far as it can be held. The connection has made sure
/// that there is one `Content-Length` at most, and a number.
fn declared_length(headers: &HeaderMap) -> Option<usize> {
    let value = headers.get(CONTENT_LENGTH)?.to_str().ok()?;
    Some(value.trim().parse().unwrap_or(usize::MAX))
}

fn too_large(limits: &Limits) -> Problem {
    Problem::too_large(format!("the body is longer than {} bytes", limits.max_body)).closing()
}

fn too_slow(limits: &Limits) -> Problem {
    let detail = format!("the body did not arrive within {:?}", limits.body_timeout);
    let title = "The request came too slowly";
    Problem::new(StatusCode::REQUEST_TIMEOUT, "timeout", title, detail).closing()
}

const JSON: &str = "application/json";
const FIRST_PIECE: usize = 64 * 1024;
