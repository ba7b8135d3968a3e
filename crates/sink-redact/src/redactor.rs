use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use events_core::{Event, Problem, SinkError, Violation, Violations};

use crate::config::{Config, ConfigError};
use crate::in_force::InForce;
use crate::live::{LiveSecrets, TooShort};
use crate::pass::{Pass, Style};
use crate::redactions::{Counters, Redactions};

/// Removes secrets from events and texts. Needs no sink; shared behind an `Arc` by those that
/// use it at once.
///
/// Debug shows no value and no key.
pub struct Redactor {
    in_force: RwLock<Arc<InForce>>,
    live: LiveSecrets,
    counters: Counters,
}

impl Redactor {
    /// A redactor with the rules of `config`.
    ///
    /// # Errors
    /// Everything that is wrong with the rules file.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        Ok(Self {
            in_force: RwLock::new(Arc::new(InForce::new(config)?)),
            live: LiveSecrets::default(),
            counters: Counters::default(),
        })
    }

    /// Puts the rules of `config` into force. A batch that is being prepared is searched by the
    /// former rules to its end; registered values and counts stay.
    ///
    /// # Errors
    /// Everything that is wrong with the rules file. The former rules stay in force.
    pub fn replace(&self, config: Config) -> Result<(), ConfigError> {
        let new = Arc::new(InForce::new(config)?);
        let mut in_force = self
            .in_force
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *in_force = new;
        Ok(())
    }

    /// Removes the secrets of `event` and says how many each rule found.
    ///
    /// # Errors
    /// `Invalid` for a secret where nothing can take its place: in the type, in the tenant, in
    /// the name of an extension attribute, or in an attribute that would be malformed without it;
    /// and for what cannot be searched within the budget. The event is then partly redacted and
    /// must not be used.
    pub fn redact(&self, event: &mut Event) -> Result<Redactions, SinkError> {
        self.redact_by(&self.in_force(), event)
    }

    /// The same by rules that were in force a moment ago.
    pub(crate) fn redact_by(
        &self,
        in_force: &InForce,
        event: &mut Event,
    ) -> Result<Redactions, SinkError> {
        let mut pass = Pass::new(&in_force.rules, self.live.search());
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
        let in_force = self.in_force();
        let mut pass = Pass::new(&in_force.rules, self.live.search());
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
    pub fn policy(&self) -> String {
        self.in_force().policy.clone()
    }

    /// The rules as they stand, for one batch.
    pub(crate) fn in_force(&self) -> Arc<InForce> {
        let in_force = self.in_force.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&in_force)
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
            .field("policy", &self.policy())
            .field("live", &self.live)
            .finish_non_exhaustive()
    }
}
