#![doc = include_str!("../README.md")]

mod backoff;
mod chained;
pub mod codec;
mod error;
mod event;
mod filter;
pub mod json;
mod memory;
mod message_id;
mod noop;
mod outcome;
mod severity;
mod sink;
pub mod subject;
mod tenant;
pub mod time;
mod trace;
mod trace_state;
mod violation;
mod wire;

pub use backoff::Backoff;
pub use chained::chained;
pub use error::{ErrorKind, SinkError};
pub use event::{
    Data, Event, EventBuilder, EventId, EventSubject, EventType, Extension, ExtensionName,
    MediaType, SchemaUri, Source, is_ours,
};
pub use filter::Filter;
pub use memory::MemorySink;
pub use message_id::MessageId;
pub use noop::NoopSink;
pub use outcome::{Durability, Outcome, Place, Receipt};
pub use severity::{Severity, UnknownSeverity};
pub use sink::{Draft, EventSink, EventSinkExt, each};
pub use subject::resolve_tenant_subject;
pub use tenant::TenantId;
pub use trace::{NotATraceParent, TraceParent};
pub use trace_state::{NotATraceState, TraceState};
pub use violation::{Problem, Violation, Violations};
pub use wire::{Claim, Settle, WireEvent};
