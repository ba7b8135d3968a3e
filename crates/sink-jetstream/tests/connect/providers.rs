use std::panic;

use rustls::ClientConfig;
use rustls::crypto::CryptoProvider;
use sink_jetstream::{ConnectOptions, TlsMode};

use super::support::{connected, options};
use super::tls::Authority;

/// This binary has two providers of cryptography, as a host with a dependency of its own may.
#[tokio::test]
async fn a_host_with_two_providers_of_cryptography_is_no_trouble() {
    let looked_up = panic::catch_unwind(ClientConfig::builder);
    assert!(
        looked_up.is_err(),
        "there is one provider alone, and nothing to prove"
    );
    let ours = Authority::new();
    let Some(encrypted) = ours.server("").await else {
        return;
    };
    for mode in [TlsMode::Auto, TlsMode::Required] {
        let options = ConnectOptions {
            tls: ours.trusted(mode),
            ..options(&[&encrypted.url()])
        };
        connected(&options).await;
    }
    // A server that asks for TLS by itself, with certificates of the machine's own.
    let surprised = options(&[&encrypted.url()]);
    let failure = super::support::failure(&surprised).await;
    assert!(failure.words.contains("not trusted"), "{failure}");
    let plain = super::support::server("").await.unwrap();
    connected(&options(&[&plain.url()])).await;
    assert!(
        CryptoProvider::get_default().is_none(),
        "the host's choice was made for it"
    );
}
