use std::io;
use std::path::Path;
use std::sync::Arc;

use thiserror::Error;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Why a collector cannot be spoken to over TLS.
#[derive(Debug, Error)]
pub(super) enum TlsTrouble {
    #[error("read the certificates of OTEL_EXPORTER_OTLP_CERTIFICATE")]
    File(#[source] io::Error),
    #[error("OTEL_EXPORTER_OTLP_CERTIFICATE names a file without a certificate in PEM form")]
    Malformed,
    #[error("this machine trusts no CA; name a file in OTEL_EXPORTER_OTLP_CERTIFICATE")]
    Nobody,
    #[error("prepare TLS")]
    Setup(#[source] tokio_rustls::rustls::Error),
}

/// What speaks TLS to a collector that shows a certificate of `trusted`, a PEM file, or else of
/// those whom this machine trusts. Reads files, and may block on them.
pub(super) fn connector(trusted: Option<&Path>) -> Result<TlsConnector, TlsTrouble> {
    let roots = match trusted {
        Some(file) => named(file)?,
        None => native()?,
    };
    // Named, since a host may have linked another provider beside it.
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(TlsTrouble::Setup)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

fn named(file: &Path) -> Result<RootCertStore, TlsTrouble> {
    let text = std::fs::read(file).map_err(TlsTrouble::File)?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&text) {
        let certificate = certificate.map_err(|_| TlsTrouble::Malformed)?;
        roots.add(certificate).map_err(|_| TlsTrouble::Malformed)?;
    }
    if roots.is_empty() {
        return Err(TlsTrouble::Malformed);
    }
    Ok(roots)
}

fn native() -> Result<RootCertStore, TlsTrouble> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(TlsTrouble::Nobody);
    }
    Ok(roots)
}
