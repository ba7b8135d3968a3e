//! Handing events over: to the broker's streams, each acknowledged, or to a running supervisor.

mod chain;
mod refusal;
mod tally;
mod window;

pub(crate) use chain::{Chain, Fate};
pub(crate) use tally::Tally;
pub(crate) use window::{Message, Window};
