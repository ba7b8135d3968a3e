//! Listening, accepting and stopping.

mod answering;
mod connection;
mod listener;
mod phase;
mod stream;

pub(crate) use answering::Endless;
pub use listener::{BindError, Drained, Server};
