//! The daemon as its users meet it: a process of its own, real sockets, real files, real signals.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, reason = "a test fails by panicking")]
#![expect(clippy::print_stderr, reason = "a test that cannot run here says why")]

mod archive;
mod broker;
mod canary;
mod crash;
mod history;
mod hostile;
mod ingest;
mod live;
mod metrics;
mod metrics_page;
mod node;
mod reload;
mod sinks;
mod startup;
mod stdin;
mod storage;
mod store;
mod support;
mod tokens;
#[cfg(feature = "otel")]
mod traces;
