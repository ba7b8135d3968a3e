use std::ops::Range;

use aho_corasick::AhoCorasick;
use memchr::memmem;

use super::anchored::Anchored;
use super::base64;
use super::gate::Gate;
use super::long_run::{LongRuns, RULES};
use super::userinfo::UserInfo;
use super::vendor::VENDORS;
use crate::edit::{Found, MOST_FOUND};

/// The rules of vendors, each behind its literals.
///
/// All their secrets have a long run of letters and digits, with the literal in it or right
/// before it, so the gate looks for literals there alone. What has none, it knows by other words.
#[derive(Debug)]
pub(crate) struct Vendors {
    gate: Gate,
    literals: AhoCorasick,
    /// For each literal the place of its rule.
    owners: Vec<usize>,
    rules: Vec<Anchored>,
    runs: LongRuns,
    userinfo: UserInfo,
}

impl Vendors {
    /// `None` where the rules are more than an automaton can hold.
    pub(crate) fn new() -> Option<Self> {
        let rules: Option<Vec<_>> = VENDORS.iter().copied().map(Anchored::new).collect();
        let owned = VENDORS.iter().enumerate();
        let owned = owned.flat_map(|(index, rule)| rule.literals.iter().map(move |_| index));
        let literals: Vec<&str> = VENDORS
            .iter()
            .flat_map(|rule| rule.literals)
            .copied()
            .collect();
        let long: Vec<&str> = literals
            .iter()
            .copied()
            .filter(|text| text.len() > 2)
            .collect();
        Some(Self {
            gate: Gate::new(&long, &[])?,
            literals: AhoCorasick::new(&literals).ok()?,
            owners: owned.collect(),
            rules: rules?,
            runs: LongRuns::new()?,
            userinfo: UserInfo::new()?,
        })
    }

    /// Whether a secret may stand in `text` that needs no long run.
    pub(crate) fn suspect(&self, text: &[u8]) -> bool {
        memmem::find(text, b"Q~").is_some() || self.userinfo.is_in(text)
    }

    /// Adds where in `text` a secret may stand that needs no long run.
    pub(crate) fn suspicions(&self, text: &[u8], at: &mut Vec<usize>) {
        at.extend(memmem::find_iter(text, b"Q~"));
        let mut found = Vec::new();
        self.userinfo.find(text, &mut found);
        at.extend(found.into_iter().map(|password| password.range.start));
    }

    /// Whether a secret may stand at the long run `run`.
    pub(crate) fn suspect_run(&self, text: &[u8], run: &Range<usize>) -> bool {
        let start = run.start.saturating_sub(MARGIN_BEFORE);
        let end = text.len().min(run.end + MARGIN_AFTER);
        self.gate.opens(text.get(start..end).unwrap_or_default()) || self.runs.suspect(text, run)
    }

    /// Adds the secrets that stand in `text`.
    pub(crate) fn find(&self, text: &[u8], found: &mut Vec<Found>) {
        // For each rule where its last match ended: a literal inside it starts no other.
        let mut done = vec![0; self.rules.len()];
        for hit in self.literals.find_overlapping_iter(text) {
            if found.len() > MOST_FOUND {
                return;
            }
            let owner = self.owners.get(hit.pattern().as_usize()).copied();
            let Some((rule, done)) =
                owner.and_then(|owner| Some((self.rules.get(owner)?, done.get_mut(owner)?)))
            else {
                continue;
            };
            if hit.start() >= *done
                && let Some(verdict) = rule.judge(text, hit.start())
            {
                *done = verdict.end;
                found.extend(verdict.secret);
            }
        }
        for run in base64::runs(text) {
            if found.len() > MOST_FOUND {
                return;
            }
            self.runs.find(text, &run, found);
        }
        self.userinfo.find(text, found);
    }
}

/// What the built-in rules are, for the hash over them.
pub(crate) fn builtin_rules() -> String {
    let vendors = VENDORS
        .iter()
        .map(|rule| format!("{} {}\n", rule.name, rule.pattern));
    let runs = RULES
        .iter()
        .map(|(name, pattern)| format!("{name} {pattern}\n"));
    vendors.chain(runs).collect()
}

/// The longest literal that ends where its run starts, and a little more.
const MARGIN_BEFORE: usize = 24;

/// The dot after the header of a JWT, and what follows it.
const MARGIN_AFTER: usize = 4;
