use std::borrow::Cow;

use async_nats::{Message, StatusCode};
use serde::Deserialize;

use crate::publish_error::Refusal;
use crate::{Ack, PublishError};

/// What a message to our inbox says (nats-server's `PubAck` and `ApiError`).
pub(super) fn read(message: &Message) -> Result<Ack, PublishError> {
    if message.status == Some(StatusCode::NO_RESPONDERS) {
        return Err(PublishError::NoResponders);
    }
    let answer: Answer<'_> =
        serde_json::from_slice(&message.payload).map_err(|_| PublishError::Garbled)?;
    if let Some(error) = answer.error {
        let refusal = Refusal::new(error.code, error.err_code, &error.description);
        return Err(PublishError::Refused(refusal));
    }
    match (answer.stream, answer.seq) {
        (Some(stream), Some(sequence)) => Ok(Ack {
            stream: stream.into_owned(),
            sequence,
            duplicate: answer.duplicate,
        }),
        _ => Err(PublishError::Garbled),
    }
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    error: Option<ApiError<'a>>,
    #[serde(borrow)]
    stream: Option<Cow<'a, str>>,
    seq: Option<u64>,
    #[serde(default)]
    duplicate: bool,
}

#[derive(Deserialize)]
struct ApiError<'a> {
    #[serde(default)]
    code: u16,
    #[serde(default)]
    err_code: u64,
    #[serde(borrow, default)]
    description: Cow<'a, str>,
}
