//! Delivers CloudEvents to NATS JetStream.

mod connect;
