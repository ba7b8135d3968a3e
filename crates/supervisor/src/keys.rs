use std::sync::Arc;

use events_core::subject::Routes;
use sink_sign::{Config, KeyError, PublicKeys, Sign as _, Signer, SigningKey};
use tracing::{info, warn};

use crate::exit::{Exit, Failure};
use crate::settings::{Settings, SignMode};

/// The signer that `settings` ask for: with the configured key, else with one that is made once.
///
/// # Errors
/// [`Exit::Config`] for a key that cannot be used: never a reason to go unsigned.
/// [`Exit::Storage`] where a key can be neither read nor made.
pub(crate) fn signer(settings: &Settings, routes: &Routes) -> Result<Option<Signer>, Failure> {
    if settings.sign.mode == SignMode::Off {
        warn!("events are not signed: CONSIGN_SIGN is off");
        return Ok(None);
    }
    let key = named(key(settings)?, settings)?;
    if key.is_group_readable() {
        warn!("the signing key can be read by its group");
    }
    let published = settings.keys_dir().join("public.jwks.json");
    PublicKeys::publish(&published, &key).map_err(|error| {
        Failure::new(
            Exit::Storage,
            format!("publish the key in {}", published.display()),
        )
        .because(error)
    })?;
    info!(keyid = %key.key_id(), public = %published.display(), "signing");
    let config = Config {
        routes: routes.clone(),
        ..Config::default()
    };
    Ok(Some(Signer::new(Arc::new(key), config)))
}

fn key(settings: &Settings) -> Result<SigningKey, Failure> {
    if let Some(path) = settings.sign_key_file() {
        return SigningKey::load(path).map_err(unusable);
    }
    if let Some(secret) = &settings.sign.key {
        return secret.expose().parse().map_err(unusable);
    }
    let dir = settings.keys_dir();
    SigningKey::create_once(&dir).map_err(|error| {
        Failure::new(
            Exit::Storage,
            format!("read or make the signing key in {}", dir.display()),
        )
        .because(error)
        .try_next("make room, or name a key in CONSIGN_SIGN_KEY_FILE")
    })
}

fn named(key: SigningKey, settings: &Settings) -> Result<SigningKey, Failure> {
    match &settings.sign.keyid {
        Some(id) => key.with_id(id.as_str()).map_err(unusable),
        None => Ok(key),
    }
}

fn unusable(error: KeyError) -> Failure {
    Failure::new(
        Exit::Config,
        "use the key of CONSIGN_SIGN_KEY or CONSIGN_SIGN_KEY_FILE",
    )
    .because(error)
    .try_next("consign key gen signing.pem, and CONSIGN_SIGN_KEY_FILE=signing.pem")
}
