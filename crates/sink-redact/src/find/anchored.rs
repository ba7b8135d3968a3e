use regex::bytes::Regex;

use super::entropy::is_dull;
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

    /// What stands where the literal at `hit` shows it may.
    ///
    /// Linear over a whole text: an attempt that fails ends where the alphabet of the token ends,
    /// and literals inside of what matched need no attempt of their own, whatever the verdict.
    pub(crate) fn judge(&self, text: &[u8], hit: usize) -> Option<Verdict> {
        let start = match self.rule.start {
            Start::Before(lead) => hit.checked_sub(lead)?,
            Start::Header => header_start(text, hit)?,
        };
        if self.is_torn(text, start.checked_sub(1)) {
            return None;
        }
        let rest = text.get(start..)?;
        let captures = self.pattern.captures(rest)?;
        let whole = captures.get(0)?;
        let secret = captures.get(1).unwrap_or(whole);
        if self.is_torn(text, Some(start + whole.end())) {
            return None;
        }
        let end = start + secret.end();
        let dull = is_dull(secret.as_bytes(), self.rule.entropy);
        let secret = Found::new(start + secret.start()..end, self.rule.name);
        Some(Verdict {
            secret: (!dull).then_some(secret),
            end,
        })
    }

    /// Whether the byte at `at`, right outside of a match, makes it a part of something longer.
    fn is_torn(&self, text: &[u8], at: Option<usize>) -> bool {
        at.and_then(|at| text.get(at))
            .is_some_and(|byte| match self.rule.edges {
                Edges::Free => false,
                Edges::Word => byte.is_ascii_alphanumeric(),
                Edges::Apart => byte.is_ascii_alphanumeric() || b"-._~".contains(byte),
            })
    }
}

/// What came of an attempt that matched.
#[derive(Debug)]
pub(crate) struct Verdict {
    /// The secret, if it is random enough for one.
    pub(crate) secret: Option<Found>,
    /// Where the match ends.
    pub(crate) end: usize,
}

/// Where the header of a JWT starts whose first dot stands at `dot`.
fn header_start(text: &[u8], dot: usize) -> Option<usize> {
    let before = text.get(..dot)?;
    let digit = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let length = before.iter().rev().take_while(digit).count();
    let run = before.get(dot - length..)?;
    memchr::memmem::find(run, b"ey").map(|at| dot - length + at)
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
