use std::borrow::Cow;
use std::ops::Range;

use aho_corasick::AhoCorasick;
use regex::bytes::RegexSet;

use super::assignment::Assignment;
use super::custom::CustomRule;
use super::gate::Gate;
use super::placeholder::is_replacement;
use super::vendors::Vendors;
use super::{assigned, base64, curl};
use crate::config::Builtin;
use crate::edit::{Found, MOST_FOUND};
use crate::key_names::{KeyNames, plain};

/// What a [`Finder`] is made of.
#[derive(Debug)]
pub(crate) struct FinderConfig {
    pub(crate) builtin: Builtin,
    pub(crate) names: KeyNames,
    /// Names of fields, or `None` where any name may be one.
    pub(crate) fields: Option<Vec<String>>,
    pub(crate) custom: Vec<CustomRule>,
    pub(crate) allowed: RegexSet,
}

/// All the rules that look at text, behind one gate.
#[derive(Debug)]
pub(crate) struct Finder {
    gate: Gate,
    vendors: Option<Vendors>,
    names: KeyNames,
    keywords: AhoCorasick,
    kinds: Vec<Keyword>,
    custom: Vec<CustomRule>,
    allowed: RegexSet,
    any_field: bool,
}

/// What a word in a text calls for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Keyword {
    Name,
    Bearer,
    Curl,
}

impl Finder {
    /// `None` where the rules are more than an automaton can hold.
    pub(crate) fn new(config: FinderConfig) -> Option<Self> {
        let builtin = config.builtin == Builtin::On;
        let vendors = if builtin { Some(Vendors::new()?) } else { None };
        let mut words: Vec<(Cow<'_, str>, Keyword)> = Vec::new();
        words.extend(
            config
                .names
                .literals()
                .into_iter()
                .map(|name| (name, Keyword::Name)),
        );
        if builtin {
            words.push(("bearer".into(), Keyword::Bearer));
            words.push(("curl".into(), Keyword::Curl));
        }
        let any_field = config.fields.is_none();
        let fields = config.fields.unwrap_or_default();
        let mut gated: Vec<Cow<'_, str>> = words.iter().map(|(word, _)| word.clone()).collect();
        gated.extend(fields.iter().map(|name| Cow::Owned(format!("\"{name}\""))));
        gated.extend(
            RARE_WORDS
                .iter()
                .filter(|_| builtin)
                .copied()
                .map(Cow::Borrowed),
        );
        let keywords = config.custom.iter().flat_map(|rule| &rule.keywords);
        let exact: Vec<&str> = keywords.map(String::as_str).collect();
        let texts = words
            .iter()
            .map(|(word, _)| word.bytes().map(plain).collect::<Vec<u8>>());
        Some(Self {
            gate: Gate::new(&exact, &gated)?,
            vendors,
            keywords: AhoCorasick::new(texts).ok()?,
            kinds: words.iter().map(|(_, kind)| *kind).collect(),
            names: config.names,
            custom: config.custom,
            allowed: config.allowed,
            any_field,
        })
    }

    /// Whether a secret may stand in `text`, plain or in base64 or hexadecimal. Says no to most
    /// texts without allocating anything. Escapes are not seen through.
    pub(crate) fn suspects(&self, text: &[u8]) -> bool {
        self.gate.opens(text)
            || self
                .vendors
                .as_ref()
                .is_some_and(|vendors| vendors.suspect(text))
            || base64::runs(text).any(|run| self.suspects_run(text, &run))
            || self
                .custom
                .iter()
                .any(|rule| rule.is_ungated() && rule.is_in(text))
            || self.any_field && memchr::memchr2(b'{', b'[', text).is_some()
    }

    /// Adds where in `text` something made [`suspects`](Self::suspects) say yes. Any part of the
    /// text that would be suspected by itself has one of these in it.
    pub(crate) fn suspicions(&self, text: &[u8], at: &mut Vec<usize>) {
        let ungated = self
            .custom
            .iter()
            .any(|rule| rule.is_ungated() && rule.is_in(text));
        if ungated || self.any_field {
            at.extend(0..text.len());
            return;
        }
        self.gate.each(text, |start| at.push(start));
        if let Some(vendors) = &self.vendors {
            vendors.suspicions(text, at);
        }
        let runs = base64::runs(text).filter(|run| self.suspects_run(text, run));
        at.extend(runs.map(|run| run.start));
    }

    /// The secrets that stand plainly in `text`, those of the surest rules first. Where they are
    /// more than [`MOST_FOUND`], some are missing.
    pub(crate) fn find(&self, text: &[u8]) -> Vec<Found> {
        let mut found = Vec::new();
        if let Some(vendors) = &self.vendors {
            vendors.find(text, &mut found);
        }
        for rule in &self.custom {
            rule.find(text, &mut found);
        }
        self.find_by_words(text, &mut found);
        found.retain(|secret| {
            let value = text.get(secret.range.clone()).unwrap_or_default();
            !is_replacement(value) && !self.allows(value)
        });
        found
    }

    /// Whether the rules file says that this value is no secret.
    pub(crate) fn allows(&self, value: &[u8]) -> bool {
        self.allowed.is_match(value)
    }

    fn suspects_run(&self, text: &[u8], run: &Range<usize>) -> bool {
        let digits = text.get(run.clone()).unwrap_or_default();
        let before = run.start.checked_sub(1).and_then(|at| text.get(at));
        let assigned = matches!(before, Some(b'.' | b':' | b'='));
        let is_lower_hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-');
        // Most runs are identifiers and digests.
        if !assigned && digits.iter().all(is_lower_hex) {
            return base64::hides_hex_text(digits);
        }
        base64::hides_text(digits)
            || base64::hides_hex_text(digits)
            || self
                .vendors
                .as_ref()
                .is_some_and(|vendors| vendors.suspect_run(text, run))
    }

    fn find_by_words(&self, text: &[u8], found: &mut Vec<Found>) {
        let plain: Vec<u8> = text.iter().map(|byte| plain(*byte)).collect();
        // Where the last name ended: other words in it need no second look.
        let mut done = 0;
        // Where the words of the last `curl` command end.
        let mut command = 0;
        for hit in self.keywords.find_overlapping_iter(&plain) {
            if found.len() > MOST_FOUND {
                return;
            }
            match self.kinds.get(hit.pattern().as_usize()) {
                Some(Keyword::Bearer) => found.extend(assigned::bearer(text, hit.end())),
                Some(Keyword::Curl) if hit.start() >= command => {
                    command = text.len().min(hit.start() + LONGEST_COMMAND);
                    curl::find(text, hit.start()..command, found);
                }
                Some(Keyword::Name) if hit.start() >= done => {
                    let (name, assignment) = Assignment::around(text, &hit.range());
                    done = name.end;
                    let secret = assignment
                        .and_then(|assignment| assigned::secret(text, &assignment, &self.names));
                    if let Some(secret) = secret {
                        done = secret.range.end;
                        found.push(secret);
                    }
                }
                Some(Keyword::Name | Keyword::Curl) | None => {}
            }
        }
    }
}

/// Words of rules that show where no long run is, see [`Vendors`].
const RARE_WORDS: [&str; 2] = ["-----begin", ".atlasv1."];

/// A command with its headers and data seldom takes more.
const LONGEST_COMMAND: usize = 4096;
