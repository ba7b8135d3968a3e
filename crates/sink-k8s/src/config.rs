use std::time::Duration;

use events_core::Backoff;

use crate::words::{LONGEST, cut};
use crate::{Rate, Regarding, Selection};

/// What a [`K8sSink`](crate::K8sSink) tells, about which object, and how much.
#[derive(Clone, Debug)]
pub struct Config {
    /// The object Events are about where the event names none, and the namespace of all of them.
    pub pod: Regarding,
    /// Which events are told.
    pub selection: Selection,
    /// Who tells them.
    pub reporter: Reporter,
    /// How many Events may begin about one object.
    pub rate: Rate,
    /// How many Events may begin about all objects together but the pod: events name them, and may
    /// invent the names.
    pub others: Rate,
    /// How long nothing of a kind may be seen until the next begins an Event of its own.
    pub series_gap: Duration,
    /// How often a repeated Event is updated at most.
    pub series_pace: Duration,
    /// How many events may wait for the API. What finds no room is dropped and counted.
    pub queue: usize,
    /// How long the API may take for one request.
    pub timeout: Duration,
    /// How often a request is tried, the first time included, where the API may take it later.
    pub attempts: u32,
    /// How long to wait between tries, where the API does not say.
    pub backoff: Backoff,
}

/// Who writes Events.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reporter {
    controller: String,
    instance: String,
}

impl Config {
    /// Warnings and errors about `pod`, at the rate and in the series of Kubernetes' own clients.
    #[must_use]
    pub fn new(pod: Regarding) -> Self {
        let reporter = Reporter::new("consign", pod.name());
        Self {
            pod,
            selection: Selection::default(),
            reporter,
            rate: Rate::default(),
            others: Rate {
                burst: 100,
                every: Duration::from_secs(5),
            },
            series_gap: Duration::from_secs(360),
            series_pace: Duration::from_secs(30),
            queue: 1024,
            timeout: Duration::from_secs(10),
            attempts: 3,
            backoff: Backoff {
                base: Duration::from_millis(500),
                max: Duration::from_secs(10),
            },
        }
    }
}

impl Reporter {
    /// A controller, such as `consign`, and which of its instances it is, such as the pod's name.
    /// The controller's name keeps what a qualified name may have, the rest is left out; both are
    /// cut to what the API takes.
    #[must_use]
    pub fn new(controller: &str, instance: &str) -> Self {
        let fits = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let kept: String = controller.chars().filter(fits).collect();
        let ends = |c: char| !c.is_ascii_alphanumeric();
        let kept = cut(kept.trim_start_matches(ends), LONGEST_CONTROLLER).trim_end_matches(ends);
        let or_ours = |text: &str| if text.is_empty() { "consign" } else { text }.to_owned();
        Self {
            controller: or_ours(kept),
            instance: or_ours(cut(instance, LONGEST)),
        }
    }

    /// The controller's name.
    #[must_use]
    pub fn controller(&self) -> &str {
        &self.controller
    }

    /// Which instance of the controller it is.
    #[must_use]
    pub fn instance(&self) -> &str {
        &self.instance
    }
}

/// The API's bound of a qualified name, in characters.
const LONGEST_CONTROLLER: usize = 63;

#[cfg(test)]
mod tests {
    use super::Reporter;

    #[test]
    fn a_reporter_is_always_one_the_api_takes() {
        let reporter = Reporter::new("-con sign\n", &"p".repeat(300));
        assert_eq!(reporter.controller(), "consign");
        assert_eq!(reporter.instance().len(), 128);
        let nobody = Reporter::new("…", "");
        assert_eq!(
            (nobody.controller(), nobody.instance()),
            ("consign", "consign")
        );
        assert_eq!(Reporter::new(&"a-".repeat(40), "b").controller().len(), 63);
    }
}
