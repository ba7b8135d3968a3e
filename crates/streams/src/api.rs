//! The requests to the server.

use async_nats::jetstream::context::{RequestError, RequestErrorKind};
use async_nats::jetstream::response::Response;
use async_nats::jetstream::{Context, ErrorCode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::StreamsError;
use crate::live::Live;

/// The stream's configuration; `None` where there is no such stream.
pub(crate) async fn find(js: &Context, stream: &str) -> Result<Option<Live>, StreamsError> {
    let doing = format!("look at {stream}");
    let answer: Answer<Info> = ask(js, format!("STREAM.INFO.{stream}"), &(), &doing).await?;
    match answer {
        Ok(info) => Ok(Some(info.config)),
        Err(error) if error.error_code() == ErrorCode::STREAM_NOT_FOUND => Ok(None),
        Err(error) => Err(refused(stream, doing, &error)),
    }
}

/// Makes the stream.
pub(crate) async fn create(js: &Context, stream: &Live) -> Result<(), StreamsError> {
    write(js, "CREATE", stream, format!("create {}", stream.name)).await
}

/// Gives the stream this configuration.
pub(crate) async fn update(js: &Context, stream: &Live) -> Result<(), StreamsError> {
    write(js, "UPDATE", stream, format!("update {}", stream.name)).await
}

/// The names of the streams that capture anything `pattern` stands for; no more than the server
/// tells at once, about a thousand.
pub(crate) async fn capturing(js: &Context, pattern: &str) -> Result<Vec<String>, StreamsError> {
    let doing = format!("ask what captures {pattern}");
    let filter = Filter { subject: pattern };
    let answer: Answer<Names> = ask(js, "STREAM.NAMES".to_owned(), &filter, &doing).await?;
    match answer {
        Ok(names) => Ok(names.streams.unwrap_or_default()),
        Err(error) => Err(refused("", doing, &error)),
    }
}

async fn write(js: &Context, verb: &str, to: &Live, doing: String) -> Result<(), StreamsError> {
    let subject = format!("STREAM.{verb}.{}", to.name);
    let answer: Answer<Info> = ask(js, subject, to, &doing).await?;
    answer
        .map(drop)
        .map_err(|error| refused(&to.name, doing, &error))
}

/// Asks JetStream's API; the inner error is the server's own.
pub(crate) async fn ask<T, V>(
    js: &Context,
    subject: String,
    body: &T,
    doing: &str,
) -> Result<Answer<V>, StreamsError>
where
    T: Serialize,
    V: DeserializeOwned,
{
    match js.request(subject, body).await {
        Ok(Response::Ok(answer)) => Ok(Ok(answer)),
        Ok(Response::Err { error }) => match error.error_code() {
            ErrorCode::JETSTREAM_NOT_ENABLED => Err(StreamsError::NotEnabled),
            ErrorCode::JETSTREAM_NOT_ENABLED_FOR_ACCOUNT => Err(StreamsError::NotEnabledForAccount),
            _ => Ok(Err(error)),
        },
        Err(error) => Err(failed(doing, error)),
    }
}

fn failed(doing: &str, source: RequestError) -> StreamsError {
    let doing = doing.to_owned();
    match source.kind() {
        RequestErrorKind::NoResponders => StreamsError::NotEnabled,
        RequestErrorKind::TimedOut => StreamsError::TimedOut { doing },
        RequestErrorKind::InvalidSubject | RequestErrorKind::Other => {
            StreamsError::Request { doing, source }
        }
    }
}

pub(crate) fn refused(
    stream: &str,
    doing: String,
    error: &async_nats::jetstream::Error,
) -> StreamsError {
    if error.error_code() == ErrorCode::STREAM_SUBJECT_OVERLAP {
        let stream = stream.to_owned();
        return StreamsError::Overlap { stream };
    }
    StreamsError::Refused {
        doing,
        code: error.error_code().0,
        reason: error.to_string(),
    }
}

pub(crate) type Answer<T> = Result<T, async_nats::jetstream::Error>;

#[derive(Deserialize)]
struct Info {
    config: Live,
}

#[derive(Deserialize)]
struct Names {
    #[serde(default)]
    streams: Option<Vec<String>>,
}

#[derive(Serialize)]
struct Filter<'a> {
    subject: &'a str,
}
