use std::path::Path;
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
    PublicKeys::publish(&published, &key)
        .map_err(|error| unreadable(error, "the public keys", &published))?;
    info!(keyid = %key.key_id(), public = %published.display(), "signing");
    let config = Config {
        routes: routes.clone(),
        ..Config::default()
    };
    Ok(Some(Signer::new(Arc::new(key), config)))
}

/// The keys that what waits in the spool may be signed with: the signer's, and those before it.
///
/// # Errors
/// [`Exit::Config`] where the published keys cannot be read.
pub(crate) fn trusted(
    settings: &Settings,
    signer: Option<&Signer>,
) -> Result<Option<PublicKeys>, Failure> {
    let Some(signer) = signer else {
        return Ok(None);
    };
    let path = settings.keys_dir().join("public.jwks.json");
    let published = std::fs::read_to_string(&path)
        .map_err(|error| unreadable(KeyError::File("read", error), "the public keys", &path))?;
    let mut keys = signer.public_keys();
    let earlier = PublicKeys::parse(&published);
    let merged = earlier.and_then(|earlier| keys.merge(earlier));
    merged.map_err(|error| unreadable(error, "the public keys", &path))?;
    Ok(Some(keys))
}

fn key(settings: &Settings) -> Result<SigningKey, Failure> {
    if let Some(key) = configured(settings)? {
        return Ok(key);
    }
    let dir = settings.keys_dir();
    SigningKey::create_once(&dir).map_err(|error| unreadable(error, "the signing key", &dir))
}

/// The key that the settings name, where they name one.
///
/// # Errors
/// [`Exit::Config`] where it cannot be used.
pub(crate) fn configured(settings: &Settings) -> Result<Option<SigningKey>, Failure> {
    let key = match (settings.sign_key_file(), &settings.sign.key) {
        (Some(path), _) => SigningKey::load(path),
        (None, Some(secret)) => secret.expose().parse(),
        (None, None) => return Ok(None),
    };
    key.map(Some).map_err(unusable)
}

/// A disk that refuses is one thing, a file that cannot be used as it is another.
fn unreadable(error: KeyError, what: &str, path: &Path) -> Failure {
    let (exit, advice) = match &error {
        KeyError::File(..) => (Exit::Storage, "make room, or give this user the directory"),
        _ => (
            Exit::Config,
            "mend or move the file; without one, a new one is made",
        ),
    };
    Failure::new(exit, format!("read or make {what} in {}", path.display()))
        .because(error)
        .try_next(advice)
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
