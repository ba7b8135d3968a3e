//! The publisher over a real client.

mod answer;
mod mailbox;
mod publisher;
mod questions;
mod watch;

pub use publisher::NatsPublisher;
