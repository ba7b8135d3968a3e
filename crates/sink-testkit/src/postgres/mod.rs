//! PostgreSQL for tests: real servers.

mod binary;
mod server;

pub use self::binary::{MissingPostgres, find as find_programs};
pub use self::server::Postgres;
