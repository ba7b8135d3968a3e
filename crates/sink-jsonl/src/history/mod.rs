//! Reading what a journal holds: the newest, a range, or all that is to come. Complete, or an
//! error that says where it broke off. Needs no lock, so a journal can be read while it is written.

mod back;
mod entries;
mod error;
mod item;
mod listing;
mod position;
mod reader;
mod walk;

pub use entries::Entries;
pub use error::HistoryError;
pub use item::{Body, Entry, Gap, Item};
pub use position::{BadPosition, Position};
pub use reader::{History, Start};
