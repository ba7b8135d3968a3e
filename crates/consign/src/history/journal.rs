use std::path::Path;

use events_core::Filter;
use futures::stream::{self, StreamExt as _};
use supervisor::exit::{Exit, Failure};
use supervisor::journal_history::{self as journal, Entries, History, HistoryError, Start};
use supervisor::settings::Settings;

use super::source::bad_bookmark;
use super::{Begin, Body, Bookmark, Entry, Item, Place, Reading, Span};

/// A journal on this machine's disk.
#[derive(Debug)]
pub(crate) struct Journal(History);

impl Journal {
    /// The journal in a data directory, or in `dir` itself. Its events have the subjects that the
    /// settings give them.
    pub(super) fn open(dir: &Path, settings: &Settings) -> Result<Self, Failure> {
        let failed = |why: String| {
            Failure::new(Exit::Failed, format!("read a journal in {}", dir.display()))
                .because(why)
                .try_next("--dir with a supervisor's CONSIGN_DATA_DIR, or with its journal")
        };
        let within = dir.join("journal");
        let found = if within.is_dir() { &within } else { dir };
        let listed = found
            .read_dir()
            .map_err(|error| failed(error.to_string()))?;
        let mut names = listed.flatten().map(|entry| entry.path());
        let is_segment = |path: &Path| path.extension().is_some_and(|end| end == "jsonl");
        if found != within && !names.any(|path| is_segment(&path)) {
            return Err(failed("there is none".to_owned()));
        }
        let routes = settings.routing().map_err(|error| {
            Failure::new(Exit::Config, "use CONSIGN_SUBJECT or CONSIGN_ROUTES").because(error)
        })?;
        Ok(Self(History::new(found, routes)))
    }

    pub(super) async fn read(&self, filter: &Filter, span: &Span) -> Result<Reading, Failure> {
        let begin = match span {
            Span::Newest(limit) => {
                let found = self.0.newest(filter, *limit).await.map_err(broken)?;
                let found = found.into_iter().map(|found| Ok(Entry::Item(item(found))));
                return Ok(Reading {
                    entries: stream::iter(found).boxed(),
                    bookmark: Bookmark::Nowhere,
                });
            }
            Span::From(begin) => begin,
        };
        let entries = self.0.range(filter, start(begin)?).await.map_err(broken)?;
        Ok(reading(entries))
    }

    pub(super) async fn follow(&self, filter: &Filter, begin: &Begin) -> Result<Reading, Failure> {
        let entries = self.0.follow(filter, start(begin)?).await.map_err(broken)?;
        Ok(reading(entries))
    }
}

fn reading(entries: Entries) -> Reading {
    let bookmark = match entries.position() {
        Some(position) => Bookmark::Single(position.to_string()),
        None => Bookmark::Nowhere,
    };
    let entries = entries.map(|entry| match entry {
        Ok(journal::Entry::Item(found)) => Ok(Entry::Item(item(found))),
        Ok(journal::Entry::Gap(gap)) => Ok(Entry::Gap(gap.to_string())),
        Err(error) => Err(broken(error)),
    });
    let entries = entries.boxed();
    Reading { entries, bookmark }
}

fn item(found: journal::Item) -> Item {
    Item {
        place: Some(Place::Journal(found.position)),
        subject: found.subject,
        stored_at: Some(found.stored_at),
        body: match found.body {
            journal::Body::Event(event) => event.into(),
            journal::Body::Other(bytes) => Body::Other(bytes),
        },
    }
}

fn start(begin: &Begin) -> Result<Start, Failure> {
    match begin {
        Begin::Oldest => Ok(Start::Oldest),
        Begin::Next => Ok(Start::Next),
        Begin::After(text) => Ok(Start::After(text.parse().map_err(bad_bookmark)?)),
        Begin::Sequence(_) => Err(Failure::new(Exit::Usage, "a journal has no sequences")
            .try_next("--since with an age or a time, or --after POSITION")),
    }
}

fn broken(error: HistoryError) -> Failure {
    Failure::new(Exit::Failed, "read the journal to its end")
        .because(error)
        .try_next("may this user read the directory, and is its disk well")
}
