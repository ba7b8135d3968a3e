#![doc = include_str!("../README.md")]

mod archive;
mod broker;
mod compose;
mod custody;
pub mod daemon;
mod data_dir;
mod dead_letters;
pub mod exit;
mod figures;
mod journal;
mod keys;
mod leaf;
pub mod logging;
mod metrics;
mod plan;
mod readiness;
mod redaction;
mod redrive;
mod reload;
pub mod settings;
mod signals;
mod sinks;
mod spool;
mod spool_view;
mod status;
mod stdin;
mod store;
mod traces;
mod within;

pub use broker::{Reached, nats_context_dir, reach};
pub use compose::{check, stack};
pub use dead_letters::Spooled;
pub use redrive::redrive;
pub use sink_jetstream::{ConnectionState, Context as NatsContext};
pub use sink_jsonl::history as journal_history;
pub use spool_view::SpoolView;
