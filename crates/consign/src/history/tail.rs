use std::time::Duration;

use chrono::SecondsFormat;
use events_core::time::now;
use futures::stream::{self, BoxStream, StreamExt as _};
use serde_json::Value;
use streams::history::{Cursor, Position};
use supervisor::exit::{Exit, Failure};
use tokio::time::sleep;

use super::remote::item;
use super::{Entry, Place};
use crate::client::Client;
use crate::sse::{Frames, Message};

/// A supervisor's live tail, across the connections that it takes.
///
/// Whoever comes back is told again what the other streams stored shortly before the event that it
/// goes on after. What came before is not shown twice.
pub(super) struct Tail {
    client: Client,
    path: String,
    /// The path as long as nothing came: there is no event yet to come back to.
    opening: String,
    /// The id to go on after.
    last: Option<String>,
    /// What came, stream by stream.
    seen: Cursor,
    frames: Option<Frames>,
    /// What it was told last of the supervisor's broker.
    notice: Option<String>,
    /// Whether nothing came yet over this connection.
    is_fresh: bool,
}

impl Tail {
    /// Connects for the first time.
    pub(super) async fn begin(
        client: Client,
        path: String,
        after: Option<String>,
    ) -> Result<Self, Failure> {
        let began = now();
        let frames = client.watch(&path, after.as_deref()).await?;
        let opening = if path.contains("since=") {
            path.clone()
        } else {
            let mark = if path.contains('?') { '&' } else { '?' };
            let since = began.to_rfc3339_opts(SecondsFormat::Nanos, true);
            format!("{path}{mark}since={since}")
        };
        let seen = after.as_deref().and_then(position);
        Ok(Self {
            client,
            path,
            opening,
            seen: seen.map(Cursor::from).unwrap_or_default(),
            last: after,
            frames: Some(frames),
            notice: None,
            is_fresh: true,
        })
    }

    /// What comes, without an end unless it is a failure.
    pub(super) fn entries(self) -> BoxStream<'static, Result<Entry, Failure>> {
        let entries = stream::unfold(Some(self), |tail| async {
            let mut tail = tail?;
            match tail.next().await {
                Ok(entry) => Some((Ok(entry), Some(tail))),
                Err(failure) => Some((Err(failure), None)),
            }
        });
        entries.boxed()
    }

    async fn next(&mut self) -> Result<Entry, Failure> {
        loop {
            let Some(frames) = &mut self.frames else {
                if self.come_back().await? {
                    return Ok(Entry::Notice(BACK.to_owned()));
                }
                continue;
            };
            match frames.next().await {
                Some(message) if message.is_plain() => {
                    let Message { id, data, .. } = message;
                    self.is_fresh = false;
                    if id.as_deref().is_some_and(|id| self.is_known(id)) {
                        continue;
                    }
                    let place = id.clone().map(Place::Id);
                    self.last = id.or_else(|| self.last.take());
                    return Ok(Entry::Item(item(data, place)));
                }
                Some(Message { event, data, .. }) if event == "lagged" => {
                    if self.is_fresh {
                        self.forget();
                    }
                    let text = String::from_utf8_lossy(&data).into_owned();
                    return Ok(Entry::Gap(format!(
                        "the supervisor says {text}; what it missed"
                    )));
                }
                Some(Message { event, data, .. }) if event == "spilled" => {
                    return Ok(Entry::Spilled(item(data, None)));
                }
                Some(Message { event, data, .. }) if event == "notice" => {
                    let notice = words(&data);
                    // Whoever comes back is told again.
                    if notice.is_some() && notice != self.notice {
                        self.notice.clone_from(&notice);
                        return Ok(Entry::Notice(notice.unwrap_or_default()));
                    }
                }
                Some(_) => {}
                None => {
                    self.frames = None;
                    return Ok(Entry::Notice(GONE.to_owned()));
                }
            }
        }
    }

    /// Tries once more, in a while. Whether the supervisor is there again.
    async fn come_back(&mut self) -> Result<bool, Failure> {
        sleep(AGAIN).await;
        let path = match self.last {
            Some(_) => &self.path,
            None => &self.opening,
        };
        match self.client.watch(path, self.last.as_deref()).await {
            Ok(frames) => {
                self.frames = Some(frames);
                self.is_fresh = true;
                Ok(true)
            }
            Err(failure) if failure.exit() == Exit::Unreachable => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    /// Forgets what came of the stream that it goes on in: another of that name may count anew.
    /// What the others tell again stays known.
    fn forget(&mut self) {
        let Some(last) = self.last.as_deref().and_then(position) else {
            return;
        };
        let mut seen = Cursor::default();
        for other in self.seen.iter() {
            if other.stream() != last.stream() {
                seen.advance(other);
            }
        }
        self.seen = seen;
    }

    /// Whether an event of this id, or one behind it in its stream, came before.
    fn is_known(&mut self, id: &str) -> bool {
        let Some(position) = position(id) else {
            return false;
        };
        let seen = self.seen.of(position.stream());
        if seen.is_some_and(|seen| seen >= position.sequence()) {
            return true;
        }
        self.seen.advance(&position);
        false
    }
}

/// The words of a notice.
fn words(data: &[u8]) -> Option<String> {
    let notice: Value = serde_json::from_slice(data).ok()?;
    Some(notice.get("text")?.as_str()?.to_owned())
}

/// The place that an id names, where a stream has it.
fn position(id: &str) -> Option<Position> {
    id.parse().ok()
}

/// How long to wait before coming back.
const AGAIN: Duration = Duration::from_secs(1);
const GONE: &str = "the connection to the supervisor is gone; trying to have it again";
const BACK: &str = "the connection to the supervisor is back";
