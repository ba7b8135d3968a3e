use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use secrecy::{ExposeSecret as _, SecretSlice};
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::error::ConnectError;

/// The certificates of a PEM file, at least one.
pub(super) fn certificates(
    what: &'static str,
    path: &Path,
) -> Result<Vec<CertificateDer<'static>>, ConnectError> {
    let text = read(what, path)?;
    // The parser's own words could quote a line of what may be a key.
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(text.expose_secret())
        .collect::<Result<_, _>>()
        .map_err(|_| ConnectError::malformed(what, path, "it is not PEM"))?;
    if certificates.is_empty() {
        let reason = "it holds no certificate in PEM";
        return Err(ConnectError::malformed(what, path, reason));
    }
    Ok(certificates)
}

/// The first private key of a PEM file.
pub(super) fn private_key(
    what: &'static str,
    path: &Path,
) -> Result<PrivateKeyDer<'static>, ConnectError> {
    let text = read(what, path)?;
    PrivateKeyDer::from_pem_slice(text.expose_secret())
        .map_err(|_| ConnectError::malformed(what, path, "it holds no private key in PEM"))
}

/// A whole file, which may hold a secret, unless it is too large to be what it should be.
pub(super) fn read(what: &'static str, path: &Path) -> Result<SecretSlice<u8>, ConnectError> {
    let unreadable = |source: io::Error| ConnectError::Unreadable {
        what,
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(LARGEST)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    let bytes = SecretSlice::from(bytes);
    if bytes.expose_secret().len() as u64 == LARGEST {
        return Err(ConnectError::malformed(what, path, "it is too large"));
    }
    Ok(bytes)
}

/// Bundles of CAs have a few hundred KiB.
const LARGEST: u64 = 4 << 20;
