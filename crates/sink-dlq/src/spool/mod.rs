//! The spool: a segment log on disk of events that could not be delivered.

mod area;
mod config;
mod dead;
mod error;
#[cfg(test)]
mod faults;
mod finish;
mod frame;
mod handle;
mod header;
mod id;
mod identity;
mod index;
mod load;
mod log;
mod lookup;
mod payload;
mod quarantine;
mod queue;
mod read;
mod record;
mod recover;
mod removals;
mod report;
mod room;
mod scan;
mod segment;
mod status;
mod store;
mod survey;
mod window;
mod writer;

pub use events_disk::OpenError;

pub use self::area::{Area, UnknownArea};
pub use self::config::Config;
pub use self::error::SpoolError;
pub use self::handle::Spool;
pub use self::id::{MalformedId, RecordId};
pub use self::read::{ReadError, Records, read};
pub use self::record::{Cause, Entry, Limit, Record, Stored};
pub use self::report::{Damage, OpenReport, TornTail};
pub use self::status::{AreaStatus, QuarantineStatus, State, Status};
