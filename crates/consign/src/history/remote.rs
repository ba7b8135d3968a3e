//! What a running supervisor keeps, over HTTP.

use std::time::Duration;

use bytes::Bytes;
use chrono::SecondsFormat;
use events_core::Filter;
use events_core::WireEvent;
use futures::stream::{self, StreamExt as _};
use reqwest::Url;
use supervisor::exit::{Exit, Failure};
use tokio::time::sleep;

use super::entry::happened_at;
use super::{Begin, Body, Bookmark, Entry, Item, Place, Reading, Span};
use crate::client::{Client, misunderstood};
use crate::sse::{Frames, Message};

/// The newest, whole or not at all. A supervisor tells no more than so many at once, and no
/// positions, so more than that cannot be read through it.
pub(super) async fn read(
    client: &Client,
    filter: &Filter,
    span: &Span,
) -> Result<Reading, Failure> {
    let limit = match span {
        Span::Newest(limit) if *limit <= MOST => *limit,
        Span::Newest(_) | Span::From(Begin::Oldest) => MOST,
        Span::From(_) => {
            let what = "a supervisor's history goes by time alone";
            return Err(Failure::new(Exit::Usage, what)
                .try_next("--since with an age or a time, or leave --url out"));
        }
    };
    let mut query = pairs(filter);
    query.push(("limit", limit.to_string()));
    let answer = client.get(&path("/v1/events", &query)?).await?;
    let body = answer.ok_or_else(misunderstood)?.body;
    let lines: Vec<&[u8]> = body
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .collect();
    let is_all_asked_for = matches!(span, Span::Newest(wanted) if *wanted <= MOST);
    if lines.len() >= MOST && !is_all_asked_for {
        let what = format!("read all of it through {}", client.base());
        return Err(Failure::new(Exit::Failed, what)
            .because(format!("it tells the newest {MOST} at once, and there may be more"))
            .try_next("a shorter time between --since and --until, --limit N, or --server URL of the broker"));
    }
    let entries: Vec<_> = lines
        .into_iter()
        .map(|line| Ok(Entry::Item(item(Bytes::copy_from_slice(line), None))))
        .collect();
    Ok(Reading {
        entries: stream::iter(entries).boxed(),
        bookmark: Bookmark::Nowhere,
    })
}

/// The live tail. A connection that is lost is made again behind the last event that came.
pub(super) fn follow(client: &Client, filter: &Filter, begin: &Begin) -> Result<Reading, Failure> {
    let after = match begin {
        Begin::Oldest | Begin::Next => None,
        Begin::After(id) => Some(id.clone()),
        Begin::Sequence(_) => {
            let what = "a supervisor's live tail has no sequences";
            return Err(Failure::new(Exit::Usage, what).try_next("--since with an age or a time"));
        }
    };
    let mut query = pairs(filter);
    if matches!(begin, Begin::Oldest) && filter.since.is_none() {
        query.push(("since", BEGINNING.to_owned()));
    }
    let tail = Tail {
        client: client.clone(),
        path: path("/v1/events/stream", &query)?,
        last: after.clone(),
        frames: None,
        had_one: false,
    };
    let entries = stream::unfold(Some(tail), |tail| async {
        let mut tail = tail?;
        match tail.next().await {
            Ok(entry) => Some((Ok(entry), Some(tail))),
            Err(failure) => Some((Err(failure), None)),
        }
    });
    Ok(Reading {
        entries: entries.boxed(),
        bookmark: after.map_or(Bookmark::Nowhere, Bookmark::Single),
    })
}

struct Tail {
    client: Client,
    path: String,
    last: Option<String>,
    frames: Option<Frames>,
    /// Whether a connection was ever made: then the next one is waited for.
    had_one: bool,
}

impl Tail {
    async fn next(&mut self) -> Result<Entry, Failure> {
        loop {
            let Some(frames) = &mut self.frames else {
                match self.client.watch(&self.path, self.last.as_deref()).await {
                    Ok(frames) => {
                        self.frames = Some(frames);
                        self.had_one = true;
                    }
                    Err(failure) if self.had_one && failure.exit() == Exit::Unreachable => {
                        sleep(AGAIN).await;
                    }
                    Err(failure) => return Err(failure),
                }
                continue;
            };
            match frames.next().await {
                Some(message) if message.is_plain() => {
                    let Message { id, data, .. } = message;
                    let place = id.clone().map(Place::Id);
                    self.last = id.or_else(|| self.last.take());
                    return Ok(Entry::Item(item(data, place)));
                }
                Some(Message { event, data, .. }) if event == "lagged" => {
                    let text = String::from_utf8_lossy(&data).into_owned();
                    return Ok(Entry::Gap(format!(
                        "the supervisor says {text}; what it missed"
                    )));
                }
                Some(_) => {}
                None => {
                    self.frames = None;
                    sleep(AGAIN).await;
                }
            }
        }
    }
}

fn item(bytes: Bytes, place: Option<Place>) -> Item {
    let (stored_at, body) = match WireEvent::from_bytes(bytes.clone()) {
        Ok(event) => (happened_at(&event), event.into()),
        Err(_) => (None, Body::Other(bytes)),
    };
    Item {
        place,
        subject: None,
        stored_at,
        body,
    }
}

fn pairs(filter: &Filter) -> Vec<(&'static str, String)> {
    let time =
        |time: chrono::DateTime<chrono::Utc>| time.to_rfc3339_opts(SecondsFormat::Nanos, true);
    let all = [
        ("subject", filter.subject.as_ref().map(ToString::to_string)),
        (
            "type",
            filter.kind.as_ref().map(|kind| kind.as_str().to_owned()),
        ),
        (
            "source",
            filter
                .source
                .as_ref()
                .map(|source| source.as_str().to_owned()),
        ),
        (
            "tenant",
            filter.tenant.map(|tenant| tenant.as_str().to_owned()),
        ),
        ("since", filter.since.map(time)),
        ("until", filter.until.map(time)),
    ];
    let set = all
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    set.collect()
}

fn path(path: &str, query: &[(&str, String)]) -> Result<String, Failure> {
    let url = Url::parse_with_params(&format!("http://localhost{path}"), query);
    let url = url.map_err(|error| Failure::new(Exit::Usage, "ask for events").because(error))?;
    Ok(match url.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    })
}

/// The most a supervisor tells at once.
const MOST: usize = 10_000;
/// Before everything that is kept.
const BEGINNING: &str = "1970-01-01T00:00:00Z";
/// How long to wait before coming back.
const AGAIN: Duration = Duration::from_secs(1);
