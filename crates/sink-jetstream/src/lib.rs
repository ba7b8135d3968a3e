#![doc = include_str!("../README.md")]

mod ack;
mod bell;
mod breaker;
mod captures;
mod cause;
mod classify;
mod compose;
mod config;
mod connect;
mod core;
mod counters;
mod delivery;
mod faults;
mod flight;
mod gate;
mod in_flight;
mod kinship;
mod link;
mod nats;
mod publish_error;
mod publisher;
mod sink;
mod status;
mod transitions;

pub use events_core::Backoff;

pub use ack::{Ack, AckSender, PendingAck};
pub use breaker::{Admission, Breaker, Ticket};
pub use config::{Config, Mode};
pub use connect::{
    Auth, ConnectError, ConnectOptions, Connection, ConnectionState, Context, ContextError,
    Failure, FailureClass, Operation, Server, ServerUrl, Tls, TlsMode, Violation, connect,
};
pub use counters::Counts;
pub use link::{Link, LinkState};
pub use nats::NatsPublisher;
pub use publish_error::{PublishError, Refusal};
pub use publisher::{Header, Message, Publisher, Storage, Stored, StreamFacts};
pub use sink::JetStreamSink;
pub use status::{BreakerState, Fault, NatsStatus, Status};
pub use transitions::Transitions;
