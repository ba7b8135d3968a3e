use crate::config::{Builtin, Config, ConfigError, ConfigProblem};
use crate::find::{Finder, FinderConfig};
use crate::key_names::KeyNames;
use crate::pass::Rules;
use crate::policy::policy;
use crate::rules_file::RulesFile;

/// The rules of one configuration with their hash: exchanged as one, so that an event that names
/// a policy was searched by it.
pub(crate) struct InForce {
    pub(crate) rules: Rules,
    pub(crate) policy: String,
}

impl InForce {
    /// The rules of `config`.
    ///
    /// # Errors
    /// Everything that is wrong with the rules file.
    pub(crate) fn new(config: Config) -> Result<Self, ConfigError> {
        let file = RulesFile::parse(config.rules_file.as_deref().unwrap_or_default())?;
        let policy = policy(config.builtin, &config.fields, config.rules_file.as_deref());
        let mut fields = config.fields;
        fields.extend(file.fields);
        let mut names = match config.builtin {
            Builtin::On => KeyNames::builtin(),
            Builtin::Off => KeyNames::default(),
        };
        file.names.iter().for_each(|name| names.add(name));
        file.excepted_names
            .iter()
            .for_each(|name| names.except(name));
        let finder = Finder::new(FinderConfig {
            builtin: config.builtin,
            names: names.clone(),
            fields: fields.literals(),
            custom: file.rules,
            allowed: file.allowed,
        });
        let Some(finder) = finder else {
            let problem =
                ConfigProblem::new("rules file", "has more keywords than can be looked for");
            return Err(ConfigError::from(problem));
        };
        Ok(Self {
            rules: Rules {
                finder,
                names,
                fields,
                token_key: config.token_key,
            },
            policy,
        })
    }
}
