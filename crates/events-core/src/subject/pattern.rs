use std::fmt;
use std::str::FromStr;

use super::name::is_token;
use crate::{Problem, Violations};

/// A NATS subject pattern: `*` stands for one token, a last `>` for one or more.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct SubjectPattern(Box<str>);

impl SubjectPattern {
    /// Whether `subject`, dot-separated tokens, is one of those the pattern stands for.
    #[must_use]
    pub fn matches(&self, subject: &str) -> bool {
        self.rest_of(subject).is_some()
    }

    /// The pattern.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it ends in `>`.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.0.split('.').next_back() == Some(">")
    }

    /// The pattern of `tokens`, each one of a pattern, up to the first `>`.
    pub(super) fn up_to_open(tokens: &str) -> Self {
        Self(
            tokens
                .split_inclusive('>')
                .next()
                .unwrap_or_default()
                .into(),
        )
    }

    /// What the last `>` stands for in `subject`, empty without one; `None` where the pattern
    /// does not match.
    pub(super) fn rest_of<'a>(&self, subject: &'a str) -> Option<&'a str> {
        let mut rest = Some(subject);
        for token in self.0.split('.') {
            let text = rest.filter(|text| !text.is_empty())?;
            if token == ">" {
                return text
                    .split('.')
                    .all(|token| !token.is_empty())
                    .then_some(text);
            }
            let (first, tail) = match text.split_once('.') {
                Some((first, tail)) => (first, Some(tail)),
                None => (text, None),
            };
            if first.is_empty() || (token != "*" && token != first) {
                return None;
            }
            rest = tail;
        }
        rest.is_none().then_some("")
    }
}

impl FromStr for SubjectPattern {
    type Err = Violations;

    fn from_str(pattern: &str) -> Result<Self, Violations> {
        let mut tokens = pattern.split('.').peekable();
        while let Some(token) = tokens.next() {
            let open_end = token == ">" && tokens.peek().is_none();
            if token != "*" && !open_end && !is_token(token) {
                let rule = "tokens of A-Z, a-z, 0-9, _ and -, or *, and > at the end alone";
                return Err(Violations::one("pattern", Problem::MustBe(rule)));
            }
        }
        Ok(Self(pattern.into()))
    }
}

impl fmt::Display for SubjectPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::SubjectPattern;

    fn matches(pattern: &str, subject: &str) -> bool {
        pattern.parse::<SubjectPattern>().unwrap().matches(subject)
    }

    #[test]
    fn patterns_match_as_nats_says() {
        assert!(matches("a.b", "a.b"));
        assert!(!matches("a.b", "a.b.c"));
        assert!(!matches("a.b.c", "a.b"));
        assert!(matches("a.*", "a.b"));
        assert!(!matches("a.*", "a"));
        assert!(!matches("a.*", "a.b.c"));
        assert!(matches("*.b.>", "a.b.c.d"));
        assert!(!matches("a.>", "a"));
        assert!(!matches("a.>", "a."));
        assert!(!matches("a.>", "a.b..c"));
        assert!(matches(">", "a"));
        assert!(!matches("*", ""));
    }

    #[test]
    fn malformed_patterns_are_refused() {
        for bad in ["", ".", "a..b", "a.>.b", "a*", "a b", ">>"] {
            assert!(bad.parse::<SubjectPattern>().is_err(), "{bad}");
        }
    }
}
