#![doc = include_str!("../README.md")]

mod config;
mod directory;
mod error;
#[cfg(test)]
mod faults;
pub mod history;
mod journal;
mod late;
mod log;
mod queue;
pub mod read;
mod repair;
mod retention;
mod segment;
mod sink;
mod status;
mod writer;

pub use config::Config;
pub use error::AppendError;
pub use events_disk::OpenError;
pub use journal::Journal;
pub use repair::{OpenReport, TornTail};
pub use sink::JsonlSink;
pub use status::{State, Status};
