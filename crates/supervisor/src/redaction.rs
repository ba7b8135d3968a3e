use sink_redact::{Builtin, Config, ConfigError, Fields, Redactor, TokenKey};
use tracing::warn;

use crate::exit::{Exit, Failure};
use crate::settings::{RedactMode, Settings};

/// The redactor that `settings` ask for.
///
/// # Errors
/// [`Exit::Config`] for fields or rules that are malformed, [`Exit::Storage`] where the key of
/// its tokens can be neither read nor made.
pub(crate) fn redactor(settings: &Settings) -> Result<Option<Redactor>, Failure> {
    if settings.redact.mode == RedactMode::Off {
        warn!("secrets are not removed: CONSIGN_REDACT is off");
        return Ok(None);
    }
    let token_key = token_key(settings)?;
    with_key(settings, token_key).map(Some)
}

/// Has `redactor` search by the rules that `settings` name by now.
///
/// # Errors
/// As [`redactor`]; the former rules then stay in force.
pub(crate) fn renew(redactor: &Redactor, settings: &Settings) -> Result<(), Failure> {
    let config = config(settings, token_key(settings)?)?;
    redactor.replace(config).map_err(unusable)
}

/// The redactor with a key of its tokens at hand.
///
/// # Errors
/// [`Exit::Config`] for fields or rules that are malformed.
pub(crate) fn with_key(settings: &Settings, token_key: TokenKey) -> Result<Redactor, Failure> {
    Redactor::new(config(settings, token_key)?).map_err(unusable)
}

fn token_key(settings: &Settings) -> Result<TokenKey, Failure> {
    let path = settings.keys_dir().join("redact.key");
    TokenKey::load_or_create(&path).map_err(|error| {
        Failure::new(Exit::Storage, format!("read or make {}", path.display()))
            .because(error)
            .try_next("make room, or give this user the directory")
    })
}

fn config(settings: &Settings, token_key: TokenKey) -> Result<Config, Failure> {
    Ok(Config {
        builtin: Builtin::On,
        fields: fields(settings)?,
        rules_file: rules(settings)?,
        token_key,
    })
}

fn unusable(error: ConfigError) -> Failure {
    Failure::new(Exit::Config, "use CONSIGN_REDACT_RULES_FILE")
        .because(error)
        .try_next("mend the entries named")
}

fn fields(settings: &Settings) -> Result<Fields, Failure> {
    let Some(names) = &settings.redact.fields else {
        return Ok(Fields::default());
    };
    let list: Vec<&str> = names.iter().collect();
    Fields::parse(&list.join(",")).map_err(|error| {
        Failure::new(Exit::Config, "use CONSIGN_REDACT_FIELDS")
            .because(error)
            .try_next("name fields such as password, data.user.ssn or defaults")
    })
}

fn rules(settings: &Settings) -> Result<Option<String>, Failure> {
    let Some(file) = &settings.redact.rules_file else {
        return Ok(None);
    };
    let path = file.path();
    std::fs::read_to_string(path).map(Some).map_err(|error| {
        Failure::new(
            Exit::Config,
            format!("read CONSIGN_REDACT_RULES_FILE {}", path.display()),
        )
        .because(error)
    })
}
