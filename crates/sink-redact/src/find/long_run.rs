//! Secrets that show by no text of three bytes, only by a long run of letters and digits.

use std::ops::Range;

use regex::bytes::Regex;

use super::entropy::is_dull;
use crate::edit::Found;

/// The rules that look at long runs alone, those of [`runs`](super::base64::runs).
#[derive(Debug)]
pub(crate) struct LongRuns {
    /// One group for each of `RULES`.
    pattern: Regex,
}

impl LongRuns {
    /// `None` where a pattern is no regular expression, which a test rules out.
    pub(crate) fn new() -> Option<Self> {
        let groups: Vec<_> = RULES
            .iter()
            .map(|(_, pattern)| format!("({pattern})"))
            .collect();
        let pattern = format!(
            "(?-u)(?:^|[^0-9A-Za-z])(?:{})(?:$|[^0-9A-Za-z])",
            groups.join("|")
        );
        let pattern = Regex::new(&pattern).ok()?;
        Some(Self { pattern })
    }

    /// Whether one of the rules may match at `run`.
    pub(crate) fn suspect(&self, text: &[u8], run: &Range<usize>) -> bool {
        is_telling(text, run) && self.pattern.is_match(window(text, run).1)
    }

    /// Adds what the rules find at `run`.
    pub(crate) fn find(&self, text: &[u8], run: &Range<usize>, found: &mut Vec<Found>) {
        if !is_telling(text, run) {
            return;
        }
        let (offset, window) = window(text, run);
        let mut from = 0;
        while let Some(hit) = self.pattern.captures_at(window, from) {
            let groups = hit.iter().skip(1).zip(RULES);
            let Some((secret, name)) = groups
                .filter_map(|(group, (name, _))| Some((group?, name)))
                .next()
            else {
                return;
            };
            // What ends one secret may begin the next, so the search goes on right behind it.
            from = secret.end();
            if !is_harmless(secret.as_bytes()) {
                let range = offset + secret.start()..offset + secret.end();
                found.push(Found::new(range, name));
            }
        }
    }
}

/// Whether letters stand in the run, or a sign right before it, that one of the rules asks for.
fn is_telling(text: &[u8], run: &Range<usize>) -> bool {
    let before = run.start.checked_sub(1).and_then(|at| text.get(at));
    let bytes = text.get(run.clone()).unwrap_or_default();
    let is_start = |at: usize| match bytes.get(at..) {
        Some([b'A', next, ..]) => matches!(next, b'3' | b'B' | b'C' | b'K' | b'S'),
        Some([b'S', next, ..]) => matches!(next, b'A' | b'C' | b'K' | b'N' | b'O' | b'U' | b'X'),
        _ => false,
    };
    matches!(before, Some(b'.' | b':')) || memchr::memchr2_iter(b'S', b'A', bytes).any(is_start)
}

/// The run and what of a secret can stand before and after it.
fn window<'t>(text: &'t [u8], run: &Range<usize>) -> (usize, &'t [u8]) {
    let start = run.start.saturating_sub(MARGIN_BEFORE);
    let end = text.len().min(run.end + MARGIN_AFTER);
    (start, text.get(start..end).unwrap_or_default())
}

fn is_harmless(secret: &[u8]) -> bool {
    is_dull(secret, 2.5) || secret.ends_with(b"EXAMPLE")
}

/// Names and forms.
pub(crate) const RULES: [(&str, &str); 6] = [
    (
        "aws-access-token",
        "(?:AKIA|ASIA|ABIA|ACCA|A3T[0-9A-Z])[2-7A-Z]{16}",
    ),
    ("twilio-api-key", "SK[0-9a-f]{32}"),
    ("nats-seed", "S[ACNOUX][2-7A-Z]{56}"),
    ("vault-service-token", r"s\.[0-9A-Za-z]{24}"),
    ("sendgrid-api-token", r"SG\.[0-9A-Za-z=_.-]{60,72}"),
    ("telegram-bot-api-token", "[0-9]{5,16}:A[0-9A-Za-z_-]{34}"),
];

/// A bot's number and a colon.
const MARGIN_BEFORE: usize = 20;

/// The second half of a SendGrid key.
const MARGIN_AFTER: usize = 80;

#[cfg(test)]
mod tests {
    use super::LongRuns;
    use crate::find::base64;

    #[test]
    fn the_rules_compile_and_what_they_find_is_suspected() {
        let rules = LongRuns::new().unwrap();
        for secret in [
            "AKIAJ5WJ2VVTVREA467Q",
            "SKbea413e9223a28e2f52e733b1f6bba28",
            "SUAMYSECRETSEEDJ5WJ2VVTVREA467QJ5WJ2VVTVREA467QJ5WJ2VVTV22",
            "s.3FPxhOMWaiD7BvUDU9mCQoKj",
            "11786:Akdfimw_br4cn-ak5bf_xun7zyflg8fmak2",
        ] {
            let text = format!("x={secret}, y");
            let run = base64::runs(text.as_bytes()).next().unwrap();
            assert!(rules.suspect(text.as_bytes(), &run), "{secret}");
            let mut found = Vec::new();
            rules.find(text.as_bytes(), &run, &mut found);
            assert_eq!(&text[found[0].range.clone()], secret);
        }
    }

    #[test]
    fn two_that_share_a_separator_are_both_found() {
        let text = b"AKIAJ5WJ2VVTVREA467Q/ASIAKGEMYVSFENUD2VVT";
        let mut found = Vec::new();
        LongRuns::new()
            .unwrap()
            .find(text, &(0..text.len()), &mut found);
        let starts: Vec<_> = found.iter().map(|found| found.range.start).collect();
        assert_eq!(starts, [0, 21]);
    }

    #[test]
    fn documentation_and_identifiers_are_no_secrets() {
        let rules = LongRuns::new().unwrap();
        for harmless in [
            "AKIAIOSFODNN7EXAMPLE",
            "AKIAXXXXXXXXXXXXXXXX",
            "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        ] {
            let mut found = Vec::new();
            let run = 0..harmless.len();
            rules.find(harmless.as_bytes(), &run, &mut found);
            assert!(found.is_empty(), "{harmless}");
        }
    }
}
