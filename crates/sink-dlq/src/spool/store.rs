use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use events_core::{Place, WireEvent};

use super::fs::Fs;
use super::index::Shared;
use super::{
    Area, Cause, Config, Entry, Limit, OpenError, OpenReport, Record, RecordId, SpoolError, Stored,
};

/// The spool's files.
pub(crate) struct Store {
    shared: Arc<Shared>,
}

pub(crate) enum Write {
    New(Area, Entry),
    Move(RecordId, Area, Cause),
}

/// A record as it stands on the disk, its event not yet parsed.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) id: RecordId,
    pub(crate) area: Area,
    pub(crate) subject: String,
    pub(crate) cause: Cause,
    pub(crate) event: Bytes,
    pub(crate) place: Place,
}

impl Loaded {
    pub(crate) fn into_record(self, event: WireEvent) -> Record {
        Record {
            id: self.id,
            area: self.area,
            subject: self.subject,
            cause: self.cause,
            event,
            place: self.place,
        }
    }
}

impl Store {
    pub(crate) fn open(
        _: Box<dyn Fs>,
        _: PathBuf,
        _: Config,
    ) -> Result<(Self, OpenReport), OpenError> {
        let shared = Arc::default();
        Ok((Self { shared }, OpenReport::default()))
    }
    pub(crate) fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
    }
    pub(crate) fn write(&mut self, writes: Vec<Write>) -> Vec<Result<Stored, SpoolError>> {
        writes.iter().map(|_| Err(SpoolError::Closed)).collect()
    }
    pub(crate) fn remove(&mut self, _: &[RecordId], _: bool) -> Result<(), SpoolError> {
        Ok(())
    }
    pub(crate) fn read(
        &mut self,
        _: Area,
        _: Option<RecordId>,
        _: Limit,
    ) -> Result<Vec<Loaded>, SpoolError> {
        Ok(Vec::new())
    }
    pub(crate) fn get(&mut self, _: RecordId) -> Result<Option<Loaded>, SpoolError> {
        Ok(None)
    }
    pub(crate) fn condemn(&mut self, _: &Loaded) {}
    pub(crate) fn tidy(&mut self) {}
    pub(crate) fn close(&mut self) {}
}
