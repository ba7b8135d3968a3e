use std::path::PathBuf;

use clap::Args;
use events_http::{DlqEntry, DlqPage, DlqQuery, DlqSelection, DlqSummary};
use supervisor::exit::Failure;

use super::directory::Directory;
use super::remote::Remote;
use crate::client::{Address, Client};
use crate::output::Output;

/// Where the spool is.
#[derive(Args, Clone, Debug)]
pub(super) struct Spool {
    #[command(flatten)]
    address: Address,
    /// The spool's directory itself, without asking a supervisor, such as consign-data/spool.
    #[arg(long, value_name = "DIR", conflicts_with = "url")]
    pub(super) dir: Option<PathBuf>,
}

/// A spool, behind a supervisor or on the disk.
#[derive(Debug)]
pub(super) enum Source {
    Remote(Remote),
    Directory(Directory),
}

impl Spool {
    /// Opens it to look at it. What is damaged in a directory is said.
    pub(super) fn open(&self, output: &mut Output) -> Result<Source, Failure> {
        match &self.dir {
            Some(dir) => Directory::look(dir, output).map(Source::Directory),
            None => self.remote().map(Source::Remote),
        }
    }

    /// Opens it to change it.
    pub(super) fn hold(&self, output: &mut Output) -> Result<Source, Failure> {
        match &self.dir {
            Some(dir) => Directory::hold(dir, output).map(Source::Directory),
            None => self.remote().map(Source::Remote),
        }
    }

    /// The spool of the supervisor.
    pub(super) fn remote(&self) -> Result<Remote, Failure> {
        Client::new(&self.address).map(Remote::new)
    }
}

impl Source {
    /// One page of the records that `query` asks for, oldest first.
    pub(super) async fn list(&self, query: &DlqQuery) -> Result<DlqPage, Failure> {
        match self {
            Self::Remote(remote) => remote.list(query).await,
            Self::Directory(directory) => directory.list(query).await,
        }
    }

    /// One record with its event, if it is there.
    pub(super) async fn show(&self, id: u64) -> Result<Option<DlqEntry>, Failure> {
        match self {
            Self::Remote(remote) => remote.show(id).await,
            Self::Directory(directory) => directory.show(id).await,
        }
    }

    /// Deletes one record. Whether it was there.
    pub(super) async fn discard(&self, id: u64) -> Result<bool, Failure> {
        match self {
            Self::Remote(remote) => remote.discard(id).await,
            Self::Directory(directory) => directory.discard(id).await,
        }
    }

    /// The chosen records that are there, and the ids that none has.
    pub(super) async fn chosen(&self, which: &DlqSelection) -> Result<Chosen, Failure> {
        let mut chosen = Chosen::default();
        let mut query = match which {
            DlqSelection::Ids(ids) => {
                for &id in ids {
                    match self.show(id).await? {
                        Some(entry) => chosen.records.push(entry.summary),
                        None => chosen.missing.push(id),
                    }
                }
                return Ok(chosen);
            }
            _ => whole(which),
        };
        loop {
            let page = self.list(&query).await?;
            chosen.records.extend(page.records);
            if page.next.is_none() {
                return Ok(chosen);
            }
            query.after = page.next;
        }
    }
}

/// Records that were chosen.
#[derive(Debug, Default)]
pub(super) struct Chosen {
    pub(super) records: Vec<DlqSummary>,
    pub(super) missing: Vec<u64>,
}

/// The query that walks over all of a selection, in the largest pages there are.
pub(super) fn whole(which: &DlqSelection) -> DlqQuery {
    let query = match which {
        DlqSelection::Query(query) => query.clone(),
        DlqSelection::Areas(areas) => DlqQuery {
            areas: areas.clone(),
            ..DlqQuery::default()
        },
        DlqSelection::All | DlqSelection::Ids(_) => DlqQuery::default(),
    };
    DlqQuery {
        limit: DlqQuery::MOST,
        ..query
    }
}
