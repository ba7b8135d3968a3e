//! The server over real TCP, asked by a client that sends the very bytes a test says.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod access;
mod batches;
mod client;
mod confined;
mod connections;
mod dlq;
mod events;
mod history;
mod host;
mod hostile;
mod leaks;
mod probes;
mod scopes;
mod shelf;
mod slow;
mod spool;
mod sse;
mod stop;
mod tail;
mod tail_away;
mod tail_bounds;
