use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tokio_rustls::rustls::SignatureScheme;
use tokio_rustls::rustls::client::ResolvesClientCert;
use tokio_rustls::rustls::crypto::CryptoProvider;
use tokio_rustls::rustls::sign::CertifiedKey;

use super::error::ConnectError;
use super::files;

/// The client's certificate, read again for every handshake: what lives for hours is renewed
/// while the process runs.
#[derive(Debug)]
pub(super) struct Identity {
    cert_file: PathBuf,
    key_file: PathBuf,
    provider: Arc<CryptoProvider>,
    last: Mutex<Arc<CertifiedKey>>,
}

impl Identity {
    pub(super) fn read(
        cert_file: &Path,
        key_file: &Path,
        provider: Arc<CryptoProvider>,
    ) -> Result<Self, ConnectError> {
        let last = pair(cert_file, key_file, &provider)?;
        Ok(Self {
            cert_file: cert_file.to_owned(),
            key_file: key_file.to_owned(),
            provider,
            last: Mutex::new(Arc::new(last)),
        })
    }
}

impl ResolvesClientCert for Identity {
    fn resolve(&self, _: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        // Two files are not renewed at once: until they fit again, the last pair has to do.
        if let Ok(pair) = pair(&self.cert_file, &self.key_file, &self.provider) {
            *last = Arc::new(pair);
        }
        last.key.choose_scheme(schemes)?;
        Some(Arc::clone(&last))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

fn pair(
    cert_file: &Path,
    key_file: &Path,
    provider: &CryptoProvider,
) -> Result<CertifiedKey, ConnectError> {
    let chain = files::certificates(CERT, cert_file)?;
    let key = files::private_key(KEY, key_file)?;
    let reason = "it does not belong to the client's certificate";
    CertifiedKey::from_der(chain, key, provider)
        .map_err(|_| ConnectError::malformed(KEY, key_file, reason))
}

const CERT: &str = "the client's certificate";
const KEY: &str = "the client's key";
