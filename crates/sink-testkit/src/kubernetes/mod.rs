//! A Kubernetes API server that records Events.

#![expect(
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod rules;
mod server;

pub use self::server::{ApiServer, Fault};
