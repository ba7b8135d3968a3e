use std::fmt::Write as _;

use axum::response::{IntoResponse, Response};
use events_core::{Receipt, SinkError};
use http::header::HeaderName;
use http::{HeaderValue, StatusCode};
use serde::Serialize;

use super::custody::unanswered;
use crate::ports::Accepted;
use crate::problem::{Problem, detail};

/// The answer to a single event: 204, and where it is.
pub(super) fn one(results: &[Result<Accepted, SinkError>]) -> Result<Response, Problem> {
    let accepted = match results.first() {
        Some(Ok(accepted)) => accepted,
        Some(Err(error)) => return Err(Problem::from(error)),
        None => return Err(Problem::from(&unanswered())),
    };
    let outcome = accepted.outcome();
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(OUTCOME, HeaderValue::from_static(outcome.as_str()));
    if let Some(receipt) = header_value(outcome.receipt()) {
        headers.insert(RECEIPT, receipt);
    }
    Ok(response)
}

/// The answer to a batch: 200, and what became of each event, in the batch's order.
pub(super) fn batch(results: &[Result<Accepted, SinkError>]) -> Response {
    let results = results.iter().enumerate().map(item).collect();
    axum::Json(Batch { results }).into_response()
}

#[derive(Serialize)]
struct Batch<'a> {
    results: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Item<'a> {
    index: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<&'a Receipt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Refusal>,
}

#[derive(Serialize)]
struct Refusal {
    kind: &'static str,
    detail: String,
}

fn item<'a>((index, result): (usize, &'a Result<Accepted, SinkError>)) -> Item<'a> {
    match result {
        Ok(accepted) => Item {
            index,
            id: Some(accepted.id()),
            source: Some(accepted.source()),
            outcome: accepted.outcome().as_str(),
            receipt: Some(accepted.outcome().receipt()),
            error: None,
        },
        Err(error) => Item {
            index,
            id: None,
            source: None,
            outcome: "refused",
            receipt: None,
            error: Some(Refusal {
                kind: error.kind().as_str(),
                detail: detail(error),
            }),
        },
    }
}

/// A receipt as compact JSON that a header can carry: all beyond ASCII is escaped.
fn header_value(receipt: &Receipt) -> Option<HeaderValue> {
    let json = serde_json::to_string(receipt).ok()?;
    let mut ascii = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_ascii() {
            ascii.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            // Writing to a String cannot fail.
            let _infallible = write!(ascii, "\\u{unit:04x}");
        }
    }
    HeaderValue::try_from(ascii).ok()
}

const OUTCOME: HeaderName = HeaderName::from_static("consign-outcome");
const RECEIPT: HeaderName = HeaderName::from_static("consign-receipt");
