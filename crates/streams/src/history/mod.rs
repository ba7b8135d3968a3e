//! Reading what the streams hold: the newest, a range, or all that is to come. Complete, or an
//! error that says where it broke off.

mod body;
mod entries;
mod error;
mod item;
mod moment;
mod newest;
mod position;
mod pull;
mod reader;
mod span;
mod stream;

pub use body::Body;
pub use entries::Entries;
pub use error::HistoryError;
pub use item::{Entry, Gap, Item};
pub use position::{BadPosition, Cursor, Position};
pub use reader::{History, Start};
