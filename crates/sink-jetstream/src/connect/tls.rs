use std::path::PathBuf;
use std::sync::Arc;

use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::error::ConnectError;
use super::files;
use super::identity::Identity;

/// How a connection is encrypted.
#[derive(Clone, Debug, Default)]
pub struct Tls {
    /// When it is.
    pub mode: TlsMode,
    /// The certificates that are trusted, as PEM. They replace the machine's own, and are read
    /// once.
    pub ca_file: Option<PathBuf>,
    /// The client's certificate and what leads from it to a CA, as PEM. It is read again for
    /// every connection, and so is its key.
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

impl Tls {
    /// Whether a server without TLS is to be refused, where a URL asks for TLS or none does.
    pub(super) fn is_required(&self, by_url: bool) -> bool {
        match self.mode {
            TlsMode::Auto => by_url || self.names_a_file(),
            TlsMode::Required | TlsMode::First => true,
            TlsMode::Never => false,
        }
    }

    /// What the handshake is made with. Reads files: not for an asynchronous task.
    ///
    /// The provider is named and not looked up, since a look-up panics in a process that has two.
    pub(super) fn config(&self, by_url: bool) -> Result<ClientConfig, ConnectError> {
        self.check(by_url)?;
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|_| contradiction("no version of TLS can be used"))?
            .with_root_certificates(self.roots(by_url)?);
        let (Some(cert_file), Some(key_file)) = (&self.cert_file, &self.key_file) else {
            return Ok(builder.with_no_client_auth());
        };
        let identity = Identity::read(cert_file, key_file, provider)?;
        Ok(builder.with_client_cert_resolver(Arc::new(identity)))
    }

    fn check(&self, by_url: bool) -> Result<(), ConnectError> {
        if self.mode == TlsMode::Never && by_url {
            return Err(contradiction(
                "it is turned off, and a URL begins with tls://",
            ));
        }
        if self.mode == TlsMode::Never && self.names_a_file() {
            return Err(contradiction(
                "it is turned off, and a certificate is named",
            ));
        }
        match (&self.cert_file, &self.key_file) {
            (Some(_), None) => Err(contradiction("the client's certificate has no key")),
            (None, Some(_)) => Err(contradiction("the client's key has no certificate")),
            _ => Ok(()),
        }
    }

    fn roots(&self, by_url: bool) -> Result<RootCertStore, ConnectError> {
        let mut roots = RootCertStore::empty();
        if self.mode == TlsMode::Never {
            // Trust in nothing keeps the client from a handshake that a server asks for.
            return Ok(roots);
        }
        let Some(ca_file) = &self.ca_file else {
            let native = rustls_native_certs::load_native_certs();
            roots.add_parsable_certificates(native.certs);
            if roots.is_empty() && self.is_required(by_url) {
                return Err(contradiction("this machine trusts no CA; name a file"));
            }
            return Ok(roots);
        };
        for certificate in files::certificates(CA, ca_file)? {
            let reason = "it holds a certificate that is none";
            roots
                .add(certificate)
                .map_err(|_| ConnectError::malformed(CA, ca_file, reason))?;
        }
        Ok(roots)
    }

    fn names_a_file(&self) -> bool {
        self.ca_file.is_some() || self.cert_file.is_some() || self.key_file.is_some()
    }
}

fn contradiction(reason: &'static str) -> ConnectError {
    ConnectError::Tls { reason }
}

const CA: &str = "the CA file";
