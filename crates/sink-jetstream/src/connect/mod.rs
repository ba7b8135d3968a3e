//! How the broker is reached: from options to a client, with a watch on its state.

mod auth;
mod client_cell;
mod connection;
mod context;
mod context_error;
mod credentials;
mod error;
mod files;
mod identity;
mod login;
mod options;
mod reason;
mod route;
mod server_url;
mod state;
mod tls;
mod watcher;

pub use auth::Auth;
pub use connection::{Connection, connect};
pub use context::Context;
pub use context_error::ContextError;
pub use error::ConnectError;
pub use options::ConnectOptions;
pub use server_url::ServerUrl;
pub use state::{ConnectionState, Failure, FailureClass, Operation, Server, Violation};
pub use tls::{Tls, TlsMode};
