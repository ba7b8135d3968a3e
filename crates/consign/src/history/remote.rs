//! What a running supervisor keeps, over HTTP.

use bytes::Bytes;
use chrono::SecondsFormat;
use events_core::subject::Routes;
use events_core::{Filter, WireEvent};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use reqwest::Url;
use supervisor::exit::{Exit, Failure};
use supervisor::settings::Settings;

use super::entry::happened_at;
use super::tail::Tail;
use super::{Begin, Body, Bookmark, Entry, Item, Place, Reading, Span};
use crate::client::{Address, Client, misunderstood};

/// A supervisor that runs.
#[derive(Debug)]
pub(crate) struct Remote {
    client: Client,
    /// What subjects its events have, as far as these settings know.
    routes: Routes,
}

impl Remote {
    pub(super) fn open(url: &str, settings: &Settings) -> Result<Self, Failure> {
        let routes = settings.routing().map_err(|error| {
            Failure::new(Exit::Config, "use CONSIGN_SUBJECT or CONSIGN_ROUTES").because(error)
        })?;
        let client = Client::new(&Address::at(Some(url.to_owned())))?;
        Ok(Self { client, routes })
    }

    /// The newest, whole or not at all. A supervisor tells no more than so many at once, and no
    /// positions, so more than that cannot be read through it.
    pub(super) async fn read(&self, filter: &Filter, span: &Span) -> Result<Reading, Failure> {
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
        let answer = self.client.get(&path("/v1/events", &query)?).await?;
        let body = answer.ok_or_else(misunderstood)?.body;
        let lines: Vec<&[u8]> = body
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .collect();
        let is_all_asked_for = matches!(span, Span::Newest(wanted) if *wanted <= MOST);
        if lines.len() >= MOST && !is_all_asked_for {
            let what = format!("read all of it through {}", self.client.base());
            return Err(Failure::new(Exit::Failed, what)
                .because(format!("it tells the newest {MOST} at once, and there may be more"))
                .try_next("a shorter time between --since and --until, --limit N, or --server URL of the broker"));
        }
        let guess = self.guess(filter);
        let entries: Vec<_> = lines
            .into_iter()
            .map(|line| item(Bytes::copy_from_slice(line), None))
            .map(|item| Ok(Entry::Item(guess.complete(item))))
            .collect();
        Ok(Reading {
            entries: stream::iter(entries).boxed(),
            bookmark: Bookmark::Nowhere,
        })
    }

    /// The live tail, which has begun when this returns. A connection that is lost is made again
    /// behind the last event that came.
    pub(super) async fn follow(&self, filter: &Filter, begin: &Begin) -> Result<Reading, Failure> {
        let after = match begin {
            Begin::Oldest | Begin::Next => None,
            Begin::After(id) => Some(id.clone()),
            Begin::Sequence(_) => {
                let what = "a supervisor's live tail has no sequences";
                return Err(
                    Failure::new(Exit::Usage, what).try_next("--since with an age or a time")
                );
            }
        };
        let mut query = pairs(filter);
        if matches!(begin, Begin::Oldest) && filter.since.is_none() {
            query.push(("since", BEGINNING.to_owned()));
        }
        let path = path("/v1/events/stream", &query)?;
        let guess = self.guess(filter);
        let tail = Tail::begin(self.client.clone(), path, after.clone()).await?;
        let entries = tail.entries().map_ok(move |entry| match entry {
            Entry::Item(item) => Entry::Item(guess.complete(item)),
            Entry::Spilled(item) => Entry::Spilled(guess.complete(item)),
            other @ (Entry::Gap(_) | Entry::Notice(_)) => other,
        });
        Ok(Reading {
            entries: entries.boxed(),
            bookmark: after.map_or(Bookmark::Nowhere, Bookmark::Single),
        })
    }

    fn guess(&self, filter: &Filter) -> Guess {
        Guess(filter.subject.is_none().then(|| self.routes.clone()))
    }
}

/// Finds out the subject of an event, which a supervisor does not tell. Where it filtered by one,
/// it knows better.
struct Guess(Option<Routes>);

impl Guess {
    fn complete(&self, mut item: Item) -> Item {
        let resolve = |routes: &Routes| {
            let (_, subject) = routes.resolve(item.event()?.attributes()).ok()?;
            Some(subject.as_str().into())
        };
        item.subject = self.0.as_ref().and_then(resolve);
        item
    }
}

/// What came, wherever it is kept.
pub(super) fn item(bytes: Bytes, place: Option<Place>) -> Item {
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
