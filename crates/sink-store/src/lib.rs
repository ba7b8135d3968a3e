#![doc = include_str!("../README.md")]

#[cfg(not(any(feature = "postgres", feature = "sqlite")))]
compile_error!("a store needs one of its features at least: `postgres`, `sqlite`");

mod backend;
mod config;
mod error;
mod history;
mod query;
mod queue;
mod readers;
mod row;
mod schema;
mod sink;
mod store;
mod url;
mod writer;

#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

pub use config::Config;
pub use error::StoreError;
pub use history::{Entry, History, Start};
pub use sink::StoreSink;
pub use store::Store;
pub use url::{StoreUrl, UrlError};
