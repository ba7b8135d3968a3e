use std::borrow::Cow;
use std::fmt;

use events_core::{Event, Problem, SinkError, Violation, Violations};

use crate::config::{Builtin, Config, ConfigError, ConfigProblem};
use crate::find::{Finder, FinderConfig};
use crate::key_names::KeyNames;
use crate::live::{LiveSecrets, TooShort};
use crate::pass::{Pass, Rules, Style};
use crate::policy::policy;
use crate::redactions::{Counters, Redactions};
use crate::rules_file::RulesFile;

/// Removes secrets from events and texts. Needs no sink; shared behind an `Arc` by those that
/// use it at once.
///
/// Debug shows no value and no key.
pub struct Redactor {
    rules: Rules,
    policy: String,
    live: LiveSecrets,
    counters: Counters,
}

impl Redactor {
    /// A redactor with the rules of `config`.
    ///
    /// # Errors
    /// Everything that is wrong with the rules file.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
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
            live: LiveSecrets::default(),
            counters: Counters::default(),
        })
    }

    /// Removes the secrets of `event` and says how many each rule found.
    ///
    /// # Errors
    /// `Invalid` for a secret where nothing can take its place: in the type, in the tenant, in
    /// the name of an extension attribute, or in an attribute that would be malformed without it;
    /// and for what cannot be searched within the budget. The event is then partly redacted and
    /// must not be used.
    pub fn redact(&self, event: &mut Event) -> Result<Redactions, SinkError> {
        let mut pass = Pass::new(&self.rules, self.live.search());
        let mut refused = Vec::new();
        pass.attributes(event, &mut refused);
        pass.data(event, &mut refused);
        self.counters.add(&pass.redactions);
        if pass.redactions.of("unscanned") > 0 {
            let rule = "searchable for secrets within the budget";
            refused.push(Violation::new("event", Problem::MustBe(rule)));
        }
        Violations::none_in(refused).map_err(SinkError::invalid)?;
        Ok(pass.redactions)
    }

    /// Removes the secrets of a text, for logs and messages. Of fields, bare names count, in JSON
    /// alone. A text that cannot be searched within the budget becomes `[REDACTED:unscanned]`.
    #[must_use]
    pub fn redact_text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut pass = Pass::new(&self.rules, self.live.search());
        let rewritten = pass.rewritten(text, Style::Mark);
        self.counters.add(&pass.redactions);
        rewritten.map_or(Cow::Borrowed(text), |new| Cow::Owned(new.text))
    }

    /// How many secrets each rule has found since the redactor was made.
    #[must_use]
    pub fn counters(&self) -> Redactions {
        self.counters.snapshot()
    }

    /// A short hash of the rules in force: 12 hexadecimal digits, the same for the same rules.
    #[must_use]
    pub fn policy(&self) -> &str {
        &self.policy
    }

    /// The values that the host registers and that are removed wherever they appear.
    #[must_use]
    pub fn live(&self) -> &LiveSecrets {
        &self.live
    }

    /// Registers a value that is removed wherever it appears. See [`LiveSecrets::add`].
    ///
    /// # Errors
    /// A value too short to be told from ordinary text.
    pub fn register(&self, value: impl AsRef<[u8]>) -> Result<(), TooShort> {
        self.live.add(value)
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redactor")
            .field("policy", &self.policy)
            .field("live", &self.live)
            .finish_non_exhaustive()
    }
}
