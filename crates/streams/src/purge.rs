//! Deleting what a stream holds: what would go, and making it go.

use async_nats::jetstream::Context;
use chrono::{DateTime, Utc};
use events_core::subject::SubjectPattern;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::{Answer, ask, refused};
use crate::look::{StreamInfo, consumers, subjects};
use crate::setting::Word as _;
use crate::{Retention, StreamName, StreamsError};

/// Which messages of a stream go.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Purge {
    /// Those of these subjects alone.
    pub subject: Option<SubjectPattern>,
    /// Which of them.
    pub part: Part,
}

/// Which part of a stream, or of some of its subjects, goes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Part {
    /// All that is there when it is looked at.
    #[default]
    All,
    /// What is older than the message of this sequence.
    Before(u64),
    /// All but so many of the newest.
    AllBut(u64),
}

/// What a purge would delete.
#[derive(Clone, Debug, Serialize)]
pub struct Doomed {
    /// How many messages; no more than these go.
    pub messages: u64,
    /// Whether exactly as many, as far as can be told without changing anything.
    pub exact: bool,
    /// How many bytes, where the whole stream goes.
    pub bytes: Option<u64>,
    /// When the oldest was stored.
    pub oldest: Option<DateTime<Utc>>,
    /// When the newest was stored, where that is known.
    pub newest: Option<DateTime<Utc>>,
    /// How many consumers have read, or have still to read, any of it.
    pub consumers: u64,
    /// How many messages those have still to be handed, or to acknowledge.
    pub pending: u64,
    #[serde(skip)]
    below: Option<u64>,
}

impl Purge {
    /// What it would delete of `stream` as it was looked at. Changes nothing that lasts.
    ///
    /// # Errors
    /// The server does not answer; the stream is gone.
    pub async fn foresee(&self, js: &Context, stream: &StreamInfo) -> Result<Doomed, StreamsError> {
        let name: StreamName = named(stream)?;
        let matching = match &self.subject {
            None => stream.contents.messages,
            Some(pattern) => subjects(js, &name, Some(pattern)).await?.values().sum(),
        };
        let (messages, exact, below) = match self.part {
            // What comes after the look stays, whatever happens until the purge.
            Part::All => (matching, true, Some(stream.contents.last_sequence + 1)),
            Part::AllBut(kept) => (matching.saturating_sub(kept), true, None),
            Part::Before(sequence) => {
                let (messages, exact) = self.before(js, stream, sequence, matching).await?;
                (messages, exact, Some(sequence))
            }
        };
        let mut doomed = Doomed {
            messages,
            exact,
            bytes: (messages == stream.contents.messages).then_some(stream.contents.bytes),
            oldest: None,
            newest: None,
            consumers: 0,
            pending: 0,
            below,
        };
        if messages > 0 {
            self.times(js, stream, &mut doomed).await?;
            self.readers(js, stream, &mut doomed).await?;
        }
        Ok(doomed)
    }

    /// Deletes what was foreseen. How many messages the server says went.
    ///
    /// Cancelled half way, the server may do it all the same.
    ///
    /// # Errors
    /// The server does not answer, or refuses; the stream denies purging.
    pub async fn purge(
        &self,
        js: &Context,
        stream: &StreamName,
        foreseen: &Doomed,
    ) -> Result<u64, StreamsError> {
        let doing = format!("purge {stream}");
        let keep = match self.part {
            Part::AllBut(kept) => Some(kept),
            Part::All | Part::Before(_) => None,
        };
        let request = Request {
            filter: self.subject.as_ref().map(SubjectPattern::as_str),
            seq: foreseen.below,
            keep,
        };
        let subject = format!("STREAM.PURGE.{stream}");
        let answer: Answer<Purged> = ask(js, subject, &request, &doing).await?;
        let purged = answer.map_err(|error| refused(stream.as_str(), doing, &error))?;
        Ok(purged.purged)
    }

    /// How many of `matching` lie before `sequence`, and whether that is exact. The server counts
    /// what a consumer that begins there would get; other than a stream of limits, none takes one
    /// unharmed.
    async fn before(
        &self,
        js: &Context,
        stream: &StreamInfo,
        sequence: u64,
        matching: u64,
    ) -> Result<(u64, bool), StreamsError> {
        let contents = &stream.contents;
        if sequence > contents.last_sequence {
            return Ok((matching, true));
        }
        let most = matching.min(sequence.saturating_sub(contents.first_sequence));
        if most == 0 {
            return Ok((0, true));
        }
        if stream.retention() != Retention::Limits.word() {
            return Ok((most, false));
        }
        let name = stream.name();
        let doing = format!("count the messages of {name}");
        let filter = self.subject.as_ref().map_or(">", SubjectPattern::as_str);
        let request = json!({ "stream_name": name, "config": {
            "deliver_policy": "by_start_sequence", "opt_start_seq": sequence,
            "ack_policy": "none", "filter_subject": filter, "mem_storage": true,
            "num_replicas": 1, "inactive_threshold": 5_000_000_000_u64,
        }});
        let subject = format!("CONSUMER.CREATE.{name}");
        let answer: Answer<Counted> = ask(js, subject, &request, &doing).await?;
        let counted = answer.map_err(|error| refused(name, doing, &error))?;
        // One that stays is forgotten by the server within seconds.
        js.delete_consumer_from_stream(&counted.name, name)
            .await
            .ok();
        Ok((matching.saturating_sub(counted.num_pending), true))
    }

    async fn times(
        &self,
        js: &Context,
        stream: &StreamInfo,
        doomed: &mut Doomed,
    ) -> Result<(), StreamsError> {
        let all = self.part == Part::All;
        let (oldest, newest) = match &self.subject {
            None => (stream.contents.first_time(), stream.contents.last_time()),
            Some(pattern) => {
                let pattern = pattern.as_str();
                let first =
                    json!({ "seq": stream.contents.first_sequence, "next_by_subj": pattern });
                let last = json!({ "last_by_subj": pattern });
                let newest = if all {
                    stored_at(js, stream, &last).await?
                } else {
                    None
                };
                (stored_at(js, stream, &first).await?, newest)
            }
        };
        doomed.oldest = oldest;
        doomed.newest = newest.filter(|_| all);
        Ok(())
    }

    async fn readers(
        &self,
        js: &Context,
        stream: &StreamInfo,
        doomed: &mut Doomed,
    ) -> Result<(), StreamsError> {
        for consumer in consumers(js, stream.name()).await?.items {
            if self
                .subject
                .as_ref()
                .is_none_or(|own| consumer.reads_any_of(own))
            {
                doomed.consumers += 1;
                doomed.pending += consumer.pending + consumer.unacknowledged;
            }
        }
        Ok(())
    }
}

/// When the message that is asked for was stored; `None` where there is none.
async fn stored_at(
    js: &Context,
    stream: &StreamInfo,
    request: &Value,
) -> Result<Option<DateTime<Utc>>, StreamsError> {
    let name = stream.name();
    let doing = format!("read {name}");
    let answer: Answer<Got> = ask(js, format!("STREAM.MSG.GET.{name}"), request, &doing).await?;
    // What is gone meanwhile has no time.
    Ok(answer.ok().map(|got| got.message.time))
}

fn named(stream: &StreamInfo) -> Result<StreamName, StreamsError> {
    stream
        .name()
        .parse()
        .map_err(|error| StreamsError::Refused {
            doing: "purge a stream".to_owned(),
            code: 0,
            reason: format!("a name that cannot be used: {error}"),
        })
}

#[derive(Serialize)]
struct Request<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    filter: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seq: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keep: Option<u64>,
}

#[derive(Deserialize)]
struct Purged {
    purged: u64,
}

#[derive(Deserialize)]
struct Counted {
    name: String,
    num_pending: u64,
}

#[derive(Deserialize)]
struct Got {
    message: Message,
}

#[derive(Deserialize)]
struct Message {
    time: DateTime<Utc>,
}
