use std::fmt;

use thiserror::Error;

use crate::{Fields, TokenKey};

/// What a [`Redactor`](crate::Redactor) looks for.
#[derive(Debug)]
pub struct Config {
    /// Whether the built-in rules and key names are in force.
    pub builtin: Builtin,
    /// Fields to redact besides.
    pub fields: Fields,
    /// The text of a rules file (TOML), see the crate's documentation.
    pub rules_file: Option<String>,
    /// The key of the tokens that stand for secrets in `id`, `source` and object keys.
    pub token_key: TokenKey,
}

/// Whether the built-in rules and key names are in force.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Builtin {
    /// They are.
    #[default]
    On,
    /// Only fields, the rules file and live values count.
    Off,
}

/// Everything that is wrong with a configuration; never empty.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub struct ConfigError(Vec<ConfigProblem>);

/// One thing that is wrong, and where.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ConfigProblem {
    /// The entry, by name or line: `rule "acme": pattern`, `line 3`.
    pub at: String,
    /// What is wrong, as a sentence that goes on from there.
    pub problem: String,
}

impl Config {
    /// The built-in rules and nothing else.
    #[must_use]
    pub fn builtin(token_key: TokenKey) -> Self {
        Self {
            builtin: Builtin::On,
            fields: Fields::default(),
            rules_file: None,
            token_key,
        }
    }
}

impl ConfigError {
    /// What is wrong, in the order it was found.
    pub fn problems(&self) -> std::slice::Iter<'_, ConfigProblem> {
        self.0.iter()
    }

    pub(crate) fn none_in(problems: Vec<ConfigProblem>) -> Result<(), Self> {
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Self(problems))
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, ConfigProblem { at, problem }) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{at} {problem}")?;
        }
        Ok(())
    }
}

impl From<ConfigProblem> for ConfigError {
    fn from(problem: ConfigProblem) -> Self {
        Self(vec![problem])
    }
}

impl ConfigProblem {
    pub(crate) fn new(at: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            at: at.into(),
            problem: problem.into(),
        }
    }
}
