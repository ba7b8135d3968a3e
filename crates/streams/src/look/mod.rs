//! Looking at what a server has: streams, their subjects and consumers. Changes nothing. A list is
//! whole, or an error.

mod account;
mod consumer;
mod page;
mod stream;
mod subjects;

pub use account::{Account, account};
pub use consumer::{ConsumerInfo, Reach, consumer, consumers};
pub use page::Listing;
pub use stream::{Contents, StreamInfo, stream, streams};
pub use subjects::subjects;
