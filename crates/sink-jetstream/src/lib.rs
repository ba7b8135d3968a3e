//! Delivers CloudEvents to NATS JetStream.

mod connect;

pub use connect::{
    Auth, ConnectError, ConnectOptions, Connection, ConnectionState, Context, ContextError,
    Failure, FailureClass, Operation, Server, ServerUrl, Tls, TlsMode, Violation, connect,
};
