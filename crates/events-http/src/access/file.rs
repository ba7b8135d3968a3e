//! Tokens as a file holds them.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::{Scope, Token, Tokens};

/// Everything that is wrong with a list of tokens, line by line, and nothing of what it holds.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub struct InvalidTokens(Vec<Fault>);

/// What is wrong with one line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Fault {
    line: usize,
    rule: &'static str,
}

impl FromStr for Tokens {
    type Err = InvalidTokens;

    fn from_str(text: &str) -> Result<Self, InvalidTokens> {
        let mut tokens = Self::default();
        let mut faults = Vec::new();
        for (line, text) in (1..).zip(text.lines()) {
            let text = text.trim();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let mut refuse = |rule| faults.push(Fault { line, rule });
            let (token, scopes) = text
                .split_once(|character: char| character.is_ascii_whitespace())
                .unwrap_or((text, ""));
            let token: Option<Token> = token.parse().map_err(|_| refuse(TOKEN)).ok();
            let scopes: Vec<Scope> = scopes
                .split(',')
                .filter_map(|word| word.trim().parse().map_err(|_| refuse(SCOPES)).ok())
                .collect();
            let Some(token) = token else { continue };
            if tokens.hold(&token) {
                refuse(TWICE);
            }
            tokens.add(token, scopes);
        }
        if faults.is_empty() {
            return Ok(tokens);
        }
        faults.dedup();
        Err(InvalidTokens(faults))
    }
}

impl fmt::Display for InvalidTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Fault { line, rule }) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}line {line}: {rule}")?;
        }
        Ok(())
    }
}

const TOKEN: &str =
    "the token must be printable ASCII without spaces, or sha256: and 64 hexadecimal digits";
const SCOPES: &str = "after the token and a space come its scopes, separated by commas: \
                      ingest, ingest:<tenant>, tail, tail:<tenant>, metrics or admin";
const TWICE: &str = "the token is there already";

#[cfg(test)]
mod tests {
    use super::super::{Need, Tokens};

    #[test]
    fn tokens_are_read_plain_or_as_their_digest() {
        let text = "# for the gateway\r\n\r\n  alpha  ingest:acme, tail:acme\r\n\
                    sha256:F44E64E75F3948E9F73F8DFA94721C4CE8CBB4F265C4790C702B2D41CFBF2753\tadmin\n";
        let tokens: Tokens = text.parse().unwrap();
        assert_eq!(tokens.len(), 2);
        let alpha = tokens.grant(b"alpha").unwrap();
        assert!(alpha.allows(Need::Ingest) && alpha.allows(Need::Tail));
        assert!(!alpha.allows(Need::Metrics));
        assert!(alpha.ingest.hold(&"acme".parse().unwrap()));
        assert!(tokens.grant(b"beta").unwrap().allows(Need::Admin));
        assert!(tokens.grant(b"alpha ").is_none() && tokens.grant(b"").is_none());
        assert!("".parse::<Tokens>().unwrap().is_empty());
    }

    #[test]
    fn every_fault_is_told_with_its_line_and_no_token_is_repeated() {
        let text = "secret1\nsecret2 admin,root\nsecret3 \nsecret4 admin\nsecret4 tail\n\
                    sha256:secret5 admin\nsécret6 tail:a.b\n";
        let error = text.parse::<Tokens>().unwrap_err().to_string();
        for line in ["1", "2", "3", "5", "6", "7"] {
            assert!(error.contains(&format!("line {line}: ")), "{line}: {error}");
        }
        assert!(!error.contains("line 4"), "{error}");
        assert!(error.matches("line 7").count() == 2, "{error}");
        assert!(!error.contains("ecret"), "{error}");
    }
}
