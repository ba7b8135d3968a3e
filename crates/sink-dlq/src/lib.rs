#![doc = include_str!("../README.md")]

mod config;
mod core;
mod counters;
mod deliver;
mod dlq;
mod error;
mod query;
mod redrive;
mod seldom;
mod sink;
mod spill;
mod spool;
mod turnstile;

pub use config::{Config, Redrive};
pub use counters::{Counters, Spilled, Verified};
pub use dlq::{Dlq, DlqStatus};
pub use error::NotSpilled;
pub use query::{Page, Query};
pub use redrive::{LastError, NotStored, RedriveReport, RedriverState, RedriverStatus, Selection};
pub use sink::DlqSink;
pub use spool::{
    Area, AreaStatus, Cause, Config as SpoolConfig, Damage, Entry, Limit, MalformedId, OpenError,
    OpenReport, QuarantineStatus, ReadError, Record, RecordId, Records, Spool, SpoolError, State,
    Status, Stored, TornTail, UnknownArea, read,
};
