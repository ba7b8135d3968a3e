use std::path::PathBuf;

use tokio_rustls::rustls::ClientConfig;

use super::error::ConnectError;

/// How a connection is encrypted.
#[derive(Clone, Debug, Default)]
pub struct Tls {
    /// When it is.
    pub mode: TlsMode,
    /// The certificates that are trusted, as PEM. They replace the machine's own.
    pub ca_file: Option<PathBuf>,
    /// The client's certificate and what leads from it to a CA, as PEM.
    pub cert_file: Option<PathBuf>,
    /// The private key of the client's certificate, as PEM.
    pub key_file: Option<PathBuf>,
}

/// When a connection is encrypted.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum TlsMode {
    /// Always with a `tls://` URL, a CA or a client certificate, and else if the server asks.
    #[default]
    Auto,
    /// Always. A server without TLS is refused.
    Required,
    /// Always, with the handshake before the server's greeting.
    First,
    /// Never. A server that requires TLS is refused.
    Never,
}

pub(super) async fn config(_tls: &Tls) -> Result<ClientConfig, ConnectError> {
    Err(ConnectError::NoServer)
}
