use std::io;

use bytes::Bytes;
use events_core::{Place, WireEvent};

use super::frame::check;
use super::header::file_name;
use super::index::Slot;
use super::payload::Payload;
use super::quarantine::{Kept, Range};
use super::store::Store;
use super::window::read_exact;
use super::{Area, Cause, Limit, Record, RecordId, SpoolError};

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
    /// The records of an area behind `after`. Those that cannot be read now are passed over, as
    /// long as there are others.
    pub(crate) fn read(
        &mut self,
        area: Area,
        after: Option<RecordId>,
        limit: Limit,
    ) -> Result<Vec<Loaded>, SpoolError> {
        let (mut records, mut bytes, mut fault) = (Vec::new(), 0, None);
        let mut after = after.map(RecordId::number);
        while records.len() < limit.records.max(1) {
            let found = self.shared.index().behind(area, after);
            let Some((id, slot)) = found else { break };
            bytes += slot.size as usize;
            if bytes > limit.bytes && !records.is_empty() {
                break;
            }
            after = Some(id);
            match self.load(area, id, slot) {
                Ok(loaded) => records.extend(loaded),
                Err(error) => fault = Some(error),
            }
        }
        match fault {
            Some(error) if records.is_empty() => Err(error),
            _ => Ok(records),
        }
    }

    /// One record, wherever it stands; `None` when it is not there, or damaged.
    pub(crate) fn get(&mut self, id: RecordId) -> Result<Option<Loaded>, SpoolError> {
        let found = self.shared.index().find(id.number());
        match found {
            Some((area, slot)) => self.load(area, id.number(), slot),
            None => Ok(None),
        }
    }

    /// Takes a record out that is no event, and keeps its bytes in quarantine.
    pub(crate) fn condemn(&mut self, id: RecordId) {
        let found = self.shared.index().find(id.number());
        if let Some((area, slot)) = found {
            self.quarantine(area, id.number(), slot);
        }
    }

    fn load(&mut self, area: Area, id: u64, slot: Slot) -> Result<Option<Loaded>, SpoolError> {
        let Some(info) = self.shared.index().segment(slot.segment) else {
            return Ok(None);
        };
        let (log, ground, _) = self.log(area);
        let path = log.path_of(&ground, info.number);
        let salt = log.identity(&ground, info.number).salt();
        let bytes = self.read_slot(&path, slot);
        let bytes = bytes.map_err(|error| SpoolError::io(area, "read", &path, error))?;
        let frame = check(&bytes, salt).filter(|frame| frame.id == id);
        let Some(payload) = frame.and_then(|frame| Payload::parse(frame.payload)) else {
            self.quarantine(area, id, slot);
            return Ok(None);
        };
        let mut cause = payload.cause;
        self.shared.index().bring_up_to_date(id, &mut cause);
        Ok(Some(Loaded {
            id: RecordId::new(id),
            area,
            subject: payload.subject.to_owned(),
            cause,
            event: Bytes::copy_from_slice(payload.event),
            place: place_of(info.number, slot.offset),
        }))
    }

    fn read_slot(&mut self, path: &std::path::Path, slot: Slot) -> io::Result<Vec<u8>> {
        let file = match self.reading.take() {
            Some((key, file)) if key == slot.segment => file,
            _ => self.fs.open_to_read(path)?,
        };
        let bytes = read_exact(&*self.fs, &file, slot.offset.into(), slot.size as usize)?;
        self.reading = Some((slot.segment, file));
        Ok(bytes)
    }

    fn quarantine(&mut self, area: Area, id: u64, slot: Slot) {
        let Some(info) = self.shared.index().segment(slot.segment) else {
            return;
        };
        let (log, ground, _) = self.log(area);
        let path = log.path_of(&ground, info.number);
        let range = Range {
            path: &path,
            area: area.as_str(),
            segment: info.number,
            offset: slot.offset.into(),
            bytes: slot.size.into(),
        };
        let kept = self.quarantine.keep(&*self.fs, &range);
        self.quarantine.count_record();
        self.shared.figures().quarantine = self.quarantine.status();
        tracing::error!(
            %area,
            id,
            path = %path.display(),
            offset = slot.offset,
            bytes = slot.size,
            in_quarantine = kept != Kept::Not,
            "a record of the spool is damaged and lost"
        );
        self.take_out(area, id);
        self.shared.index().forget_attempts(id);
    }
}

/// The place of a record, as receipts have it.
pub(crate) fn place_of(number: u64, offset: u32) -> Place {
    Place::Spool {
        segment: file_name(number),
        offset: offset.into(),
    }
}
