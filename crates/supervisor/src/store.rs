use sink_store::{Config, Store, StoreError, StoreUrl};

use crate::exit::{Exit, Failure};
use crate::journal::SEALING;
use crate::settings::Settings;

/// Opens the store that CONSIGN_STORE_URL names. A server may be away now; a file may not.
///
/// # Errors
/// [`Exit::Config`] for a URL, a file or tables that cannot be used, [`Exit::Storage`] where the
/// file cannot be reached.
pub(crate) fn open(settings: &Settings) -> Result<Store, Failure> {
    let url = url(settings)?;
    let config = Config {
        max_event_bytes: settings.max_event_bytes.as_len() + SEALING,
        ..Config::default()
    };
    Store::open(url, config).map_err(|error| {
        let (exit, advice) = match &error {
            StoreError::Away { .. } | StoreError::Full { .. } => {
                (Exit::Storage, "free it, or make room")
            }
            _ => (Exit::Config, "look at CONSIGN_STORE_URL and what it names"),
        };
        Failure::new(exit, "open the store")
            .because(error)
            .try_next(advice)
    })
}

/// The store's place, which the settings keep as a secret.
///
/// # Errors
/// [`Exit::Config`] for a text that names none. It is not repeated.
pub(crate) fn url(settings: &Settings) -> Result<StoreUrl, Failure> {
    let text = settings.store.url.as_ref().map_or("", |url| url.expose());
    text.parse()
        .map_err(|error| Failure::new(Exit::Config, "use CONSIGN_STORE_URL").because(error))
}
