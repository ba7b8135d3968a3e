//! `GET /v1/events`: what is kept, and how it is asked for.

mod history;
mod query;
mod wanted;

pub(crate) use history::get;
pub(crate) use query::{EventQuery, is_id};
pub use wanted::Wanted;
