use regex::bytes::Regex;

use super::entropy::entropy;
use crate::edit::{Found, MOST_FOUND, RuleName};

/// A rule of the host's own, from a rules file.
#[derive(Debug)]
pub(crate) struct CustomRule {
    pub(crate) name: String,
    /// Its first group is the secret, or else the whole match.
    pub(crate) pattern: Regex,
    /// Unless this is empty, one of these stands in each text that the pattern is tried on.
    pub(crate) keywords: Vec<String>,
    pub(crate) entropy: f64,
}

impl CustomRule {
    /// Whether the pattern is tried on every text.
    pub(crate) fn is_ungated(&self) -> bool {
        self.keywords.is_empty()
    }

    pub(crate) fn is_in(&self, text: &[u8]) -> bool {
        self.pattern.is_match(text)
    }

    /// Adds what the rule finds in `text`.
    pub(crate) fn find(&self, text: &[u8], found: &mut Vec<Found>) {
        for hit in self.pattern.captures_iter(text).take(MOST_FOUND + 1) {
            let secret = hit.get(1).or_else(|| hit.get(0));
            let Some(secret) = secret.filter(|secret| !secret.is_empty()) else {
                continue;
            };
            if entropy(secret.as_bytes()) >= self.entropy {
                found.push(Found::new(
                    secret.range(),
                    RuleName::Owned(self.name.clone()),
                ));
            }
        }
    }
}
