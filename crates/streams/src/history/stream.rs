//! What is asked about one stream, of its leader.

use std::sync::Arc;

use async_nats::jetstream::{Context, ErrorCode};
use async_nats::{HeaderMap, HeaderName, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use events_core::subject::SubjectPattern;
use serde::{Deserialize, Serialize};

use super::HistoryError;
use crate::api::{Answer, ask, refused};
use crate::{StreamName, StreamsError};

/// A stream to read.
#[derive(Clone, Debug)]
pub(super) struct Stream {
    pub(super) js: Context,
    pub(super) name: Arc<StreamName>,
}

/// What it holds at a moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    /// The sequence of the oldest message; of the next one where there is none.
    pub(super) first: u64,
    /// The sequence of the newest message there ever was.
    pub(super) last: u64,
    /// When the newest was stored.
    pub(super) last_at: Option<DateTime<Utc>>,
    pub(super) keeping: Keeping,
}

/// What becomes of a message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Keeping {
    /// It stays until a limit takes it.
    Limits,
    /// It goes when those who want it have it.
    Interest,
    /// It goes when one has done it. Nobody else may consume.
    WorkQueue,
}

/// A message as it is stored.
pub(super) struct Stored {
    pub(super) sequence: u64,
    pub(super) subject: Box<str>,
    pub(super) stored_at: DateTime<Utc>,
    pub(super) headers: Option<HeaderMap>,
    pub(super) payload: Bytes,
}

impl Stream {
    pub(super) async fn extent(&self) -> Result<Extent, HistoryError> {
        let doing = format!("look at {}", self.name);
        let subject = format!("STREAM.INFO.{}", self.name);
        let answer: Answer<Info> = self.api(subject, &(), &doing).await?;
        let info = answer.map_err(|error| self.refusal(doing, &error))?;
        let keeping = match info.config.retention.as_str() {
            "workqueue" => Keeping::WorkQueue,
            "interest" => Keeping::Interest,
            _ => Keeping::Limits,
        };
        Ok(Extent {
            first: info.state.first_seq.max(1),
            last: info.state.last_seq,
            // The server has a time at the beginning of the era where there was none.
            last_at: info.state.last_ts.filter(|_| info.state.last_seq > 0),
            keeping,
        })
    }

    /// The first message at or after `sequence` that the pattern stands for.
    pub(super) async fn at_or_after(
        &self,
        sequence: u64,
        subject: Option<&SubjectPattern>,
    ) -> Result<Option<Stored>, HistoryError> {
        let doing = format!("read {} at {sequence}", self.name);
        let request = Get {
            seq: sequence,
            next_by_subj: subject.map_or(">", SubjectPattern::as_str),
        };
        let api = format!("STREAM.MSG.GET.{}", self.name);
        let answer: Answer<Got> = self.api(api, &request, &doing).await?;
        let message = match answer {
            Ok(got) => got.message,
            Err(error) if error.error_code() == ErrorCode::NO_MESSAGE_FOUND => return Ok(None),
            Err(error) => return Err(self.refusal(doing, &error)),
        };
        let payload = STANDARD.decode(message.data);
        let headers = message.hdrs.map(|block| STANDARD.decode(block)).transpose();
        let stored_at = DateTime::parse_from_rfc3339(&message.time);
        let (Ok(payload), Ok(headers), Ok(stored_at)) = (payload, headers, stored_at) else {
            return Err(self.failure(StreamsError::Refused {
                doing,
                code: 0,
                reason: "nothing that can be read".to_owned(),
            }));
        };
        Ok(Some(Stored {
            sequence: message.seq,
            subject: message.subject,
            stored_at: stored_at.to_utc(),
            headers: headers.map(|block| headers_in(&block)),
            payload: payload.into(),
        }))
    }

    /// The sequence of the first message stored at `time` or later; of the next one to be stored
    /// where there is none.
    pub(super) async fn sequence_at(
        &self,
        time: DateTime<Utc>,
        extent: &Extent,
    ) -> Result<u64, HistoryError> {
        let (mut low, mut high) = (extent.first, extent.last.saturating_add(1));
        while low < high {
            let middle = low + (high - low) / 2;
            match self.at_or_after(middle, None).await? {
                Some(message) if message.sequence < high && message.stored_at < time => {
                    low = message.sequence + 1;
                }
                _ => high = middle,
            }
        }
        Ok(low)
    }

    pub(super) fn failure(&self, source: StreamsError) -> HistoryError {
        let stream = (*self.name).clone();
        HistoryError::Request { stream, source }
    }

    pub(super) fn refusal(
        &self,
        doing: String,
        error: &async_nats::jetstream::Error,
    ) -> HistoryError {
        if error.error_code() == ErrorCode::STREAM_NOT_FOUND {
            let stream = (*self.name).clone();
            return HistoryError::Missing { stream };
        }
        self.failure(refused(self.name.as_str(), doing, error))
    }

    async fn api<T, V>(
        &self,
        subject: String,
        body: &T,
        doing: &str,
    ) -> Result<Answer<V>, HistoryError>
    where
        T: Serialize,
        V: serde::de::DeserializeOwned,
    {
        let answer = ask(&self.js, subject, body, doing).await;
        answer.map_err(|error| self.failure(error))
    }
}

/// The headers of a message as the server stores them (ADR-4). Lines that are none are left out.
fn headers_in(block: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in String::from_utf8_lossy(block).split("\r\n").skip(1) {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        let (name, value) = (
            name.parse::<HeaderName>(),
            value.trim().parse::<HeaderValue>(),
        );
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    headers
}

#[derive(Deserialize)]
struct Info {
    config: Config,
    state: State,
}

#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    retention: String,
}

#[derive(Deserialize)]
struct State {
    first_seq: u64,
    last_seq: u64,
    #[serde(default)]
    last_ts: Option<DateTime<Utc>>,
}

#[derive(Serialize)]
struct Get<'a> {
    seq: u64,
    next_by_subj: &'a str,
}

#[derive(Deserialize)]
struct Got {
    message: Message,
}

#[derive(Deserialize)]
struct Message {
    subject: Box<str>,
    seq: u64,
    #[serde(default)]
    hdrs: Option<String>,
    #[serde(default)]
    data: String,
    time: String,
}
