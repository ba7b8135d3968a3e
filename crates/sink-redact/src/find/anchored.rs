use regex::bytes::Regex;

use super::entropy::entropy;
use super::rule::{Edges, Rule, Start};
use crate::edit::Found;

/// A rule ready to match where its literal was seen.
#[derive(Debug)]
pub(crate) struct Anchored {
    rule: Rule,
    pattern: Regex,
}

impl Anchored {
    /// `None` for a pattern that is no regular expression, which a test rules out.
    pub(crate) fn new(rule: Rule) -> Option<Self> {
        let pattern = Regex::new(&format!(r"(?-u)\A(?:{})", rule.pattern)).ok()?;
        Some(Self { rule, pattern })
    }

    /// The secret whose literal starts at `hit`.
    ///
    /// Linear over a whole text: a failed attempt ends where the alphabet of the token ends, and
    /// a literal holds a byte that is not in it or stands at its start.
    pub(crate) fn find(&self, text: &[u8], hit: usize) -> Option<Found> {
        let start = match self.rule.start {
            Start::Before(lead) => hit.checked_sub(lead)?,
            Start::Header => header_start(text, hit)?,
        };
        let rest = text.get(start..)?;
        let captures = self.pattern.captures(rest)?;
        let whole = captures.get(0)?;
        let secret = captures.get(1).unwrap_or(whole);
        let torn = self.rule.edges == Edges::Word
            && (is_word(text, start.checked_sub(1)) || is_word(text, Some(start + whole.end())));
        if torn || self.is_harmless(secret.as_bytes()) {
            return None;
        }
        let range = start + secret.start()..start + secret.end();
        Some(Found::new(range, self.rule.name))
    }

    fn is_harmless(&self, secret: &[u8]) -> bool {
        self.rule.entropy > 0.0 && entropy(secret) < self.rule.entropy
    }
}

/// Where the header of a JWT starts whose first dot stands at `dot`.
fn header_start(text: &[u8], dot: usize) -> Option<usize> {
    let before = text.get(..dot)?;
    let digit = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let length = before.iter().rev().take_while(digit).count();
    let run = before.get(dot - length..)?;
    memchr::memmem::find(run, b"ey").map(|at| dot - length + at)
}

fn is_word(text: &[u8], at: Option<usize>) -> bool {
    at.and_then(|at| text.get(at))
        .is_some_and(u8::is_ascii_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::super::vendor::VENDORS;
    use super::Anchored;

    #[test]
    fn every_rule_compiles_and_has_a_name_fit_for_subjects() {
        for rule in VENDORS {
            assert!(Anchored::new(*rule).is_some(), "{}", rule.name);
            let allowed =
                |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            assert!(rule.name.bytes().all(allowed), "{}", rule.name);
        }
    }
}
