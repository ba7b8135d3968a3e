#![doc = include_str!("../README.md")]

mod api;
mod buckets;
mod config;
mod connect;
mod counts;
mod limit;
mod manifest;
mod note;
mod notice;
mod quiet;
mod regarding;
mod selection;
mod series;
mod severity;
mod sink;
mod words;
mod worker;

pub use config::{Config, Reporter};
pub use counts::{Counts, Dropped};
pub use limit::{Rate, TokenBucket};
pub use regarding::{NotAnObject, Regarding};
pub use selection::Selection;
pub use sink::K8sSink;
