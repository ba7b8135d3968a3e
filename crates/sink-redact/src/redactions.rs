use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::edit::RuleName;

/// How many secrets were replaced, by the rule that found them.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Redactions(BTreeMap<RuleName, u64>);

/// What a redactor has replaced since it was made.
#[derive(Debug, Default)]
pub(crate) struct Counters(Mutex<Redactions>);

impl Redactions {
    /// Whether nothing was replaced.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many secrets were replaced.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// How many secrets `rule` found.
    #[must_use]
    pub fn of(&self, rule: &str) -> u64 {
        self.0.get(rule).copied().unwrap_or_default()
    }

    /// Each rule that found any and how many, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(rule, count)| (rule.as_ref(), *count))
    }

    pub(crate) fn count(&mut self, rule: RuleName) {
        *self.0.entry(rule).or_default() += 1;
    }
}

impl Counters {
    /// Adds what one event took. Free where it took nothing, as most events do.
    pub(crate) fn add(&self, redactions: &Redactions) {
        if redactions.is_empty() {
            return;
        }
        let mut sum = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (rule, count) in &redactions.0 {
            *sum.0.entry(rule.clone()).or_default() += count;
        }
    }

    pub(crate) fn snapshot(&self) -> Redactions {
        let sum = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sum.clone()
    }
}
