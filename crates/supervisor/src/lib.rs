#![doc = include_str!("../README.md")]

mod compose;
mod custody;
pub mod daemon;
mod data_dir;
pub mod exit;
mod journal;
mod keys;
pub mod logging;
mod metrics;
mod redaction;
pub mod settings;
mod signals;
mod status;
mod stdin;

pub use compose::{check, stack};
