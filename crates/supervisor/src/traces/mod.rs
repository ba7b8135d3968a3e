//! Traces of events on their way, as OpenTelemetry spans: `receive`, and within it
//! `send <subject template>`, whose place in the trace travels on in the NATS header.
//!
//! Spans are made by hand and not out of `tracing` spans: what is logged about an event anywhere
//! in the tree must not become an attribute that leaves the process. Only what left the chain,
//! redacted, is told of an event.

#[cfg(feature = "otel")]
mod client;
#[cfg(not(feature = "otel"))]
mod off;
#[cfg(feature = "otel")]
mod otel;
#[cfg(feature = "otel")]
mod spans;
#[cfg(feature = "otel")]
mod tls;

#[cfg(not(feature = "otel"))]
pub(crate) use off::{Journey, Traces};
#[cfg(feature = "otel")]
pub(crate) use otel::Traces;
#[cfg(feature = "otel")]
pub(crate) use spans::Journey;
