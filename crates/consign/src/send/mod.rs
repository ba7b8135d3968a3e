//! Handing events over: to the broker's streams, each acknowledged, or to a running supervisor.

mod answers;
mod chain;
mod refusal;
mod tally;
mod window;

pub(crate) use answers::{Answers, Broken, Fate};
pub(crate) use chain::{Chain, Kept};
pub(crate) use tally::Tally;
pub(crate) use window::{Message, Window};
