use std::fmt;

use ::streams::history::{self, Body, Cursor, Entries, History, HistoryError, Start};
use ::streams::{StreamName, Topology};
use events_core::Filter;
use events_core::subject::SubjectPattern;
use futures::stream::{self, StreamExt as _};
use supervisor::Reached;
use supervisor::exit::{Exit, Failure};

use super::entry::Sealed;
use super::outages::outages;
use super::source::bad_bookmark;
use super::{Begin, Bookmark, Entry, Item, Place, Reading, Span};
use crate::output::Output;
use crate::stream::failed;

/// The broker's streams.
pub(crate) struct Streams {
    history: History,
    reached: Box<Reached>,
}

impl Streams {
    /// Those that are named; else those that capture the subjects; else those of the
    /// settings, and those that are missing are told.
    pub(super) async fn open(
        reached: Reached,
        named: &[StreamName],
        subjects: &[SubjectPattern],
        output: &mut Output,
    ) -> Result<Self, Failure> {
        let js = &reached.jetstream;
        let history = match subjects {
            _ if !named.is_empty() => History::new(js, named.iter().cloned()),
            [first, ..] => {
                let history = History::capturing(js, subjects).await.map_err(unasked)?;
                if history.streams().next().is_none() {
                    return Err(uncaptured(first.as_str(), &reached));
                }
                history
            }
            [] => {
                let (history, missing) =
                    History::of(js, &reached.topology).await.map_err(unasked)?;
                for stream in missing {
                    output.note(&format!(
                        "there is no stream {stream}: nothing of it is read"
                    ));
                }
                history
            }
        };
        let reached = Box::new(reached);
        Ok(Self { history, reached })
    }

    pub(super) async fn read(&self, filter: &Filter, span: &Span) -> Result<Reading, Failure> {
        let begin = match span {
            Span::Newest(limit) => {
                let found = self.history.newest(filter, *limit).await;
                let found = found.map_err(|error| self.broken(error))?;
                let found = found.into_iter().map(|found| Ok(Entry::Item(item(found))));
                return Ok(Reading {
                    entries: stream::iter(found).boxed(),
                    bookmark: Bookmark::Streams(Cursor::default()),
                });
            }
            Span::From(begin) => start(begin)?,
        };
        let entries = self.history.range(filter, &begin).await;
        Ok(self.reading(entries.map_err(|error| self.broken(error))?))
    }

    pub(super) async fn follow(&self, filter: &Filter, begin: &Begin) -> Result<Reading, Failure> {
        let begin = start(begin)?;
        let entries = self.history.follow(filter, &begin).await;
        let entries = entries.map_err(|error| self.broken(error))?;
        let Reading { entries, bookmark } = self.reading(entries);
        // What comes has no end but a failure.
        let entries = stream::select(entries, outages(&self.reached)).boxed();
        Ok(Reading { entries, bookmark })
    }

    fn reading(&self, entries: Entries) -> Reading {
        let bookmark = Bookmark::Streams(entries.cursor().clone());
        let topology = self.reached.topology.clone();
        let entries = entries.map(move |entry| match entry {
            Ok(history::Entry::Item(found)) => Ok(Entry::Item(item(found))),
            Ok(history::Entry::Gap(gap)) => Ok(Entry::Gap(gap.to_string())),
            Err(error) => Err(broken(error, &topology)),
        });
        let entries = entries.boxed();
        Reading { entries, bookmark }
    }

    fn broken(&self, error: HistoryError) -> Failure {
        broken(error, &self.reached.topology)
    }
}

impl fmt::Debug for Streams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.history.streams().map(StreamName::as_str);
        f.debug_list().entries(names).finish()
    }
}

fn item(found: history::Item) -> Item {
    let body = match found.body {
        Body::Event(event) => super::Body::Event(Sealed {
            event,
            message: Some((found.headers.unwrap_or_default(), found.payload)),
        }),
        Body::Other(bytes) => super::Body::Other(bytes),
    };
    Item {
        place: Some(Place::Stream(found.position)),
        subject: Some(found.subject),
        stored_at: Some(found.stored_at),
        body,
    }
}

fn start(begin: &Begin) -> Result<Start, Failure> {
    Ok(match begin {
        Begin::Oldest => Start::Oldest,
        Begin::Next => Start::Next,
        Begin::Sequence(sequence) => Start::Sequence(*sequence),
        Begin::After(text) => Start::After(text.parse::<Cursor>().map_err(bad_bookmark)?),
    })
}

fn unasked(error: ::streams::StreamsError) -> Failure {
    failed("find the streams to read", error)
}

fn broken(error: HistoryError, topology: &Topology) -> Failure {
    let exit = if error.is_transient() {
        Exit::Unreachable
    } else {
        Exit::Failed
    };
    let advice = match &error {
        // Only what is declared can be made.
        HistoryError::Missing { stream } if topology.stream(stream.as_str()).is_some() => {
            "consign stream ensure"
        }
        _ => error.advice(),
    };
    Failure::new(exit, "read history to its end")
        .because(error)
        .try_next(advice)
}

/// No stream has the subject.
pub(crate) fn uncaptured(subject: &str, reached: &Reached) -> Failure {
    let what = format!("stream for subject {subject:?} not found");
    let next = match subject.parse::<SubjectPattern>() {
        Ok(pattern)
            if reached
                .topology
                .iter()
                .any(|spec| spec.takes_any_of(&pattern)) =>
        {
            "consign stream ensure"
        }
        _ => NO_SUCH_STREAM,
    };
    let url = &reached.server.url;
    Failure::new(Exit::Failed, what)
        .because(format!("no JetStream stream captures it on {url}"))
        .try_next(next)
}

const NO_SUCH_STREAM: &str =
    "consign stream ls, for those there are; or declare one in CONSIGN_STREAMS_FILE";
