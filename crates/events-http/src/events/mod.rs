//! `GET /v1/events`: what is kept, and how it is asked for.

mod filter;
mod history;
mod query;

pub use filter::EventFilter;
pub(crate) use history::get;
pub(crate) use query::{EventQuery, is_id};
