use async_nats::header::NATS_MESSAGE_ID;
use async_nats::jetstream::Context;
use async_nats::jetstream::context::{
    GetStreamByNameErrorKind, GetStreamErrorKind, RequestError, RequestErrorKind,
};
use async_nats::jetstream::stream::{RawMessageErrorKind, StorageType};
use async_nats::jetstream::{Error, ErrorCode};

use crate::publish_error::Refusal;
use crate::publisher::Storage;
use crate::{PublishError, Stored, StreamFacts};

/// The message that `stream` holds at `sequence`.
pub(super) async fn stored(
    context: &Context,
    stream: &str,
    sequence: u64,
) -> Result<Option<Stored>, PublishError> {
    let stream = context.get_stream_no_info(stream).await;
    let stream = stream.map_err(|error| unreadable(error.kind()))?;
    match stream.get_raw_message(sequence).await {
        Ok(message) => Ok(Some(Stored {
            message_id: message
                .headers
                .get(NATS_MESSAGE_ID)
                .map(ToString::to_string),
            payload: message.payload,
        })),
        Err(error) => match error.kind() {
            RawMessageErrorKind::NoMessageFound => Ok(None),
            RawMessageErrorKind::InvalidSubject => Err(PublishError::BadSubject),
            RawMessageErrorKind::JetStream(error) => absent(&error),
            RawMessageErrorKind::Other => Err(PublishError::TimedOut),
        },
    }
}

/// The name of the stream that captures `subject`.
pub(super) async fn name_of(
    context: &Context,
    subject: &str,
) -> Result<Option<String>, PublishError> {
    match context.stream_by_subject(subject).await {
        Ok(name) => Ok(Some(name)),
        Err(error) => match error.kind() {
            GetStreamByNameErrorKind::NotFound => Ok(None),
            GetStreamByNameErrorKind::InvalidSubject => Err(PublishError::BadSubject),
            GetStreamByNameErrorKind::JetStream(error) => absent(&error),
            GetStreamByNameErrorKind::Request if nobody_listens(&error) => {
                Err(PublishError::NoResponders)
            }
            GetStreamByNameErrorKind::Request => Err(PublishError::TimedOut),
        },
    }
}

/// Whether there is no JetStream to ask.
fn nobody_listens(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut causes = std::iter::successors(Some(error), |error| error.source());
    causes.any(|cause| {
        cause
            .downcast_ref::<RequestError>()
            .is_some_and(|error| error.kind() == RequestErrorKind::NoResponders)
    })
}

/// What matters about the stream `name`.
pub(super) async fn facts(
    context: &Context,
    name: String,
) -> Result<Option<StreamFacts>, PublishError> {
    let stream = match context.get_stream(&name).await {
        Ok(stream) => stream,
        Err(error) => {
            return match error.kind() {
                GetStreamErrorKind::JetStream(error) => absent(&error),
                kind @ (GetStreamErrorKind::EmptyName
                | GetStreamErrorKind::InvalidStreamName
                | GetStreamErrorKind::Request) => Err(unreadable(kind)),
            };
        }
    };
    let config = &stream.cached_info().config;
    let subjects = config.subjects.iter();
    Ok(Some(StreamFacts {
        name,
        subjects: subjects.filter_map(|text| text.parse().ok()).collect(),
        no_ack: config.no_ack,
        storage: match config.storage {
            StorageType::File => Storage::File,
            StorageType::Memory => Storage::Memory,
        },
    }))
}

/// Nothing where the server says that there is nothing.
fn absent<T>(error: &Error) -> Result<Option<T>, PublishError> {
    match error.error_code() {
        ErrorCode::STREAM_NOT_FOUND | ErrorCode::NO_MESSAGE_FOUND => Ok(None),
        code => {
            let status = u16::try_from(error.code()).unwrap_or_default();
            Err(PublishError::Refused(Refusal::new(
                status,
                code.0,
                &error.to_string(),
            )))
        }
    }
}

fn unreadable(kind: GetStreamErrorKind) -> PublishError {
    match kind {
        GetStreamErrorKind::EmptyName | GetStreamErrorKind::InvalidStreamName => {
            PublishError::Garbled
        }
        GetStreamErrorKind::Request => PublishError::TimedOut,
        GetStreamErrorKind::JetStream(error) => {
            let status = u16::try_from(error.code()).unwrap_or_default();
            let code = error.error_code().0;
            PublishError::Refused(Refusal::new(status, code, &error.to_string()))
        }
    }
}
