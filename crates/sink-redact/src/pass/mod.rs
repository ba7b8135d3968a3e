//! One pass over one event: where secrets may stand in it, and what takes their place.

mod attributes;
mod data;
mod joined;
mod json;
mod suspicions;
mod text;
mod unescape;

use std::sync::Arc;

use crate::edit::RuleName;
use crate::fields::{Fields, Trail};
use crate::find::Finder;
use crate::key_names::KeyNames;
use crate::live::LiveSearch;
use crate::redactions::Redactions;
use crate::token_key::TokenKey;

/// What a redactor looks for; the same for every event.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) finder: Finder,
    pub(crate) names: KeyNames,
    pub(crate) fields: Fields,
    pub(crate) token_key: TokenKey,
}

/// The state of one pass.
pub(crate) struct Pass<'r> {
    rules: &'r Rules,
    live: Option<Arc<LiveSearch>>,
    /// How many more bytes may be decoded.
    left: usize,
    /// Told to the token key, so that a token that is taken already can be avoided.
    attempt: u8,
    pub(crate) redactions: Redactions,
}

/// Where a text stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'t> {
    style: Style,
    /// How often something was decoded on the way to it.
    depth: usize,
    /// The field paths that lead to it.
    trails: &'t [Trail],
}

/// What takes a secret's place.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Style {
    /// `[REDACTED:<rule>]`
    Mark,
    /// A keyed token, different for each secret.
    Token,
}

/// More would have to be decoded, or taken out, than is allowed: what is not looked at must not
/// pass.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct OverBudget;

impl<'r> Pass<'r> {
    pub(crate) fn new(rules: &'r Rules, live: Option<Arc<LiveSearch>>) -> Self {
        Self {
            rules,
            live,
            left: 0,
            attempt: 0,
            redactions: Redactions::default(),
        }
    }

    /// Sets the budget for one attribute, or the data, of `length` bytes.
    fn allow(&mut self, length: usize) {
        self.left = DECODED_FACTOR * length + DECODED_LEAST;
    }

    /// Takes `bytes`, about to be decoded, from the budget.
    fn spend(&mut self, bytes: usize) -> Result<(), OverBudget> {
        self.left = self.left.checked_sub(bytes).ok_or(OverBudget)?;
        Ok(())
    }

    fn replacement(&self, style: Style, rule: &str, secret: &[u8]) -> String {
        match style {
            Style::Mark => format!("[REDACTED:{rule}]"),
            Style::Token => self.rules.token_key.token(rule, secret, self.attempt),
        }
    }

    fn is_suspect(&self, text: &[u8]) -> bool {
        self.rules.finder.suspects(text) || self.live.as_ref().is_some_and(|live| live.is_in(text))
    }
}

impl<'t> Place<'t> {
    pub(crate) fn new(style: Style, trails: &'t [Trail]) -> Self {
        Self {
            style,
            depth: 0,
            trails,
        }
    }

    /// One decoding further on.
    fn deeper(self) -> Result<Self, OverBudget> {
        if self.depth >= DEEPEST {
            return Err(OverBudget);
        }
        Ok(Self {
            depth: self.depth + 1,
            ..self
        })
    }

    fn with_style(self, style: Style) -> Self {
        Self { style, ..self }
    }

    fn with_trails(self, trails: &'t [Trail]) -> Self {
        Self { trails, ..self }
    }
}

/// What could not be looked at, and what a key name and a field are called where they are counted.
const UNSCANNED: RuleName = RuleName::Borrowed("unscanned");
const KEY: RuleName = RuleName::Borrowed("key");
const FIELD: RuleName = RuleName::Borrowed("field");

/// An encoding in an encoding in an encoding: nobody honest goes on like this.
const DEEPEST: usize = 8;

/// Decoding each byte once for every kind of encoding takes less.
const DECODED_FACTOR: usize = 4;
const DECODED_LEAST: usize = 64 * 1024;
