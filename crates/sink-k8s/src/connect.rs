use std::time::Duration;

use events_core::{ErrorKind, SinkError};
use kube_client::{Client, Config};
use rustls::crypto::{CryptoProvider, ring};

/// Where the API server is, from inside the cluster.
pub(crate) fn cluster() -> Result<Config, SinkError> {
    Config::incluster().map_err(|error| refused("find the cluster", error))
}

/// Where the API server is that `url` names.
pub(crate) fn named(url: &str) -> Result<Config, SinkError> {
    // What the parser says of a text that is none quotes it.
    let named = url.parse().map(Config::new);
    named.map_err(|_| SinkError::new(ErrorKind::Config, "read the URL of the API server"))
}

/// A client of that server.
pub(crate) fn client(mut server: Config, timeout: Duration) -> Result<Client, SinkError> {
    server.connect_timeout = Some(timeout);
    // Tries are ours to count.
    server.default_retry = false;
    if CryptoProvider::get_default().is_none() {
        // With two providers in the program rustls would not choose. Whoever comes first is fine.
        ring::default_provider().install_default().ok();
    }
    Client::try_from(server).map_err(|error| refused("set up the client of the cluster", error))
}

fn refused(
    doing: &'static str,
    cause: impl std::error::Error + Send + Sync + 'static,
) -> SinkError {
    SinkError::caused(ErrorKind::Config, doing, cause)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use events_core::ErrorKind;

    #[test]
    fn outside_a_cluster_it_is_a_mistake_of_the_settings() {
        if !Path::new("/var/run/secrets/kubernetes.io").exists() {
            let error = super::cluster().err().unwrap();
            assert_eq!(error.kind(), ErrorKind::Config);
            assert_eq!(error.to_string(), "find the cluster");
        }
    }
}
