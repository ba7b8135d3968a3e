use std::path::PathBuf;

use ::streams::StreamName;
use clap::Args;
use clap_complete::ArgValueCandidates;
use events_core::Filter;
use events_core::subject::SubjectPattern;
use futures::stream::BoxStream;
use supervisor::exit::{Exit, Failure};

use super::{Begin, Bookmark, Entry, Span, Wanted, journal, remote, streams};
use crate::broker::BrokerArguments;
use crate::completion;
use crate::output::Output;

/// Where events are read from. Without any of these, from the broker's streams.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Where from")]
pub(crate) struct Where {
    /// The stream to read; repeat for more [default: those that capture the subject, else those
    /// of the settings].
    #[arg(long = "stream", value_name = "NAME", conflicts_with_all = ["dir", "url"],
        add = ArgValueCandidates::new(completion::streams))]
    pub(crate) streams: Vec<StreamName>,
    /// A data directory, or its journal, where no broker is; a supervisor may be at work on it.
    #[arg(long, value_name = "DATA_DIR", conflicts_with = "url")]
    pub(crate) dir: Option<PathBuf>,
    /// A running supervisor, such as http://127.0.0.1:8080, with the token of CONSIGN_HTTP_TOKEN
    /// or CONSIGN_HTTP_TOKEN_FILE.
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
}

/// What a reading is made of.
#[derive(Debug)]
pub(crate) enum Source {
    Streams(streams::Streams),
    Journal(journal::Journal),
    Remote(remote::Remote),
}

/// A reading under way.
///
/// It ends at its end, or with a failure: then what came is not all there is.
pub(crate) struct Reading {
    pub(crate) entries: BoxStream<'static, Result<Entry, Failure>>,
    /// Where it began.
    pub(crate) bookmark: Bookmark,
}

impl Where {
    /// Whether anything else than the broker's streams is named.
    pub(crate) const fn is_elsewhere(&self) -> bool {
        self.dir.is_some() || self.url.is_some()
    }

    /// Refuses a sequence to begin at, where there are none or those of several streams.
    pub(crate) fn check(&self, wanted: &Wanted) -> Result<(), Failure> {
        let (what, next) = match (wanted.sequence(), &self.dir, &self.url) {
            (None, ..) => return Ok(()),
            (_, Some(_), _) => (
                "a journal has no sequences",
                "--since with an age or a time, or --after POSITION",
            ),
            (_, _, Some(_)) => (
                "what a supervisor tells goes by time alone",
                "--since with an age or a time, or leave --url out",
            ),
            _ if self.streams.len() == 1 => return Ok(()),
            _ => (
                "a sequence is one of a single stream",
                "--stream NAME --since seq:N",
            ),
        };
        Err(Failure::new(Exit::Usage, what).try_next(next))
    }

    /// Opens it, for what these subjects stand for, or for everything.
    pub(crate) async fn open(
        &self,
        broker: &BrokerArguments,
        subjects: &[SubjectPattern],
        output: &mut Output,
    ) -> Result<Source, Failure> {
        if let Some(url) = &self.url {
            let remote = remote::Remote::open(url, &broker.settings()?)?;
            return Ok(Source::Remote(remote));
        }
        if let Some(dir) = &self.dir {
            let journal = journal::Journal::open(dir, &broker.settings()?)?;
            return Ok(Source::Journal(journal));
        }
        let reached = broker.reach().await?;
        let opened = streams::Streams::open(reached, &self.streams, subjects, output).await?;
        Ok(Source::Streams(opened))
    }
}

impl Source {
    /// What is kept now: all that the filter wants of the span.
    pub(crate) async fn read(&self, filter: &Filter, span: &Span) -> Result<Reading, Failure> {
        match self {
            Self::Streams(streams) => streams.read(filter, span).await,
            Self::Journal(journal) => journal.read(filter, span).await,
            Self::Remote(remote) => remote.read(filter, span).await,
        }
    }

    /// What is kept from somewhere on, and then what comes.
    pub(crate) async fn follow(&self, filter: &Filter, begin: &Begin) -> Result<Reading, Failure> {
        match self {
            Self::Streams(streams) => streams.follow(filter, begin).await,
            Self::Journal(journal) => journal.follow(filter, begin).await,
            Self::Remote(remote) => remote.follow(filter, begin).await,
        }
    }
}

/// Why a bookmark cannot be read.
pub(super) fn bad_bookmark(error: impl std::error::Error + Send + Sync + 'static) -> Failure {
    Failure::new(Exit::Usage, "understand --after")
        .because(error)
        .try_next("the text that an earlier run printed, or a position that -o name prints")
}
