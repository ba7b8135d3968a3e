//! What is kept, wherever it is kept: in the broker's streams, in a journal, or behind a running
//! supervisor.

mod entry;
mod journal;
mod moment;
mod outages;
mod place;
mod remote;
mod source;
mod streams;
mod tail;
mod wanted;

pub(crate) use entry::{Body, Entry, Item, Sealed};
pub(crate) use moment::Moment;
pub(crate) use place::{Bookmark, Place};
pub(crate) use source::{Reading, Source, Where};
pub(crate) use streams::uncaptured;
pub(crate) use wanted::{Begin, Span, Wanted};
