//! Keeps events that cannot be delivered now, and delivers them later.

mod spool;

pub use spool::{
    Area, AreaStatus, Cause, Config as SpoolConfig, Damage, Entry, Limit, MalformedId, OpenError,
    OpenReport, QuarantineStatus, Record, RecordId, Spool, SpoolError, State, Status, Stored,
    TornTail, UnknownArea,
};
