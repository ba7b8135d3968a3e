//! What settings demand of each other.

mod chain;
mod doors;
mod kubernetes;
mod nats;
mod profile;
mod sinks;

use super::Settings;
use super::problem::Problem;
use super::report::Report;
use super::row::{Availability, Capability};

/// The contradictions in settings that are each fine alone.
pub(super) fn contradictions(
    settings: &Settings,
    report: &Report,
    availability: fn(Capability) -> Availability,
) -> Vec<Problem> {
    let mut checks = Checks {
        report,
        availability,
        problems: Vec::new(),
    };
    doors::check(settings, &mut checks);
    chain::check(settings, &mut checks);
    sinks::check(settings, &mut checks);
    kubernetes::check(settings, &mut checks);
    nats::check(settings, &mut checks);
    profile::check(settings, &mut checks);
    checks.problems
}

/// What an operator should know about settings that are not wrong.
pub(super) fn remarks(settings: &Settings) -> Vec<String> {
    sinks::remarks(settings)
}

/// Collects contradictions.
struct Checks<'a> {
    report: &'a Report,
    availability: fn(Capability) -> Availability,
    problems: Vec<Problem>,
}

impl Checks<'_> {
    /// Reports a contradiction on the first of the settings it is about, unless one of them is
    /// wrong by itself: a default stands in for such a one, and what it leads to means nothing.
    fn refuse<const N: usize>(&mut self, names: [&'static str; N], what: impl Into<String>) {
        let mut entries = names.iter().filter_map(|name| self.report.entry(name));
        if entries.clone().any(|entry| entry.faulty) {
            return;
        }
        if let Some(entry) = entries.next() {
            let problem = Problem::new(entry.row.name, what).set_by(&entry.origin);
            self.problems.push(problem);
        }
    }

    fn is_set(&self, name: &str) -> bool {
        self.report.is_set(name)
    }

    fn lacks(&self, capability: Capability) -> bool {
        (self.availability)(capability) == Availability::Later
    }
}
