use std::str::FromStr;

use events_core::{Event, Extension};

/// How much an event matters, in the four steps that a Kubernetes Event can be chosen by.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// For developers.
    Debug,
    /// As expected.
    Info,
    /// Not as it should be, and going on all the same.
    Warn,
    /// Failed.
    Error,
}

impl Severity {
    /// An event's severity, by the CloudEvents severity extension: the number, else the name.
    ///
    /// Events without either are judged by what they tell: an error where the last word of the
    /// type is `crashed` or `failed`, a warning where `outcome` is `failure` or `timeout`, else
    /// info.
    #[must_use]
    pub fn of(event: &Event) -> Self {
        by_number(event)
            .or_else(|| text(event, "severitytext")?.parse().ok())
            .unwrap_or_else(|| by_words(event))
    }

    /// Whether Kubernetes calls it a warning.
    #[must_use]
    pub fn warns(self) -> bool {
        self >= Self::Warn
    }
}

impl FromStr for Severity {
    type Err = UnknownSeverity;

    /// Reads a name, in any case, such as `warn` or `ERROR`.
    fn from_str(name: &str) -> Result<Self, UnknownSeverity> {
        let known = NAMES
            .iter()
            .find(|(known, _)| name.eq_ignore_ascii_case(known));
        known.map(|(_, severity)| *severity).ok_or(UnknownSeverity)
    }
}

/// The name is none of a severity.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("find a severity of that name: debug, info, warn or error")]
pub struct UnknownSeverity;

/// OpenTelemetry's ranges. In binary mode the number arrives as a text.
fn by_number(event: &Event) -> Option<Severity> {
    let number = event.extension("severitynumber")?.to_canonical();
    match number.parse().ok()? {
        1..=8 => Some(Severity::Debug),
        9..=12 => Some(Severity::Info),
        13..=16 => Some(Severity::Warn),
        17..=24 => Some(Severity::Error),
        _ => None,
    }
}

fn by_words(event: &Event) -> Severity {
    let last = event.kind().as_str().rsplit('.').next();
    if matches!(last, Some("crashed" | "failed")) {
        return Severity::Error;
    }
    match text(event, "outcome") {
        Some("failure" | "timeout") => Severity::Warn,
        _ => Severity::Info,
    }
}

fn text<'a>(event: &'a Event, name: &str) -> Option<&'a str> {
    event.extension(name).and_then(Extension::as_str)
}

const NAMES: [(&str, Severity); 8] = [
    ("trace", Severity::Debug),
    ("debug", Severity::Debug),
    ("info", Severity::Info),
    ("warn", Severity::Warn),
    ("warning", Severity::Warn),
    ("error", Severity::Error),
    ("critical", Severity::Error),
    ("fatal", Severity::Error),
];

#[cfg(test)]
mod tests {
    use events_core::{Event, EventBuilder};

    use super::Severity::{self, Debug, Error, Info, Warn};

    fn severity(kind: &str, with: impl FnOnce(EventBuilder) -> EventBuilder) -> Severity {
        Severity::of(&with(Event::builder("1", "/a", kind)).build().unwrap())
    }

    #[test]
    fn the_number_comes_before_the_name_and_the_name_before_the_words() {
        let numbered = |number| {
            severity("a", |event| {
                event.integer_extension("severitynumber", number)
            })
        };
        let bounds = [1, 8, 9, 12, 13, 16, 17, 24].map(numbered);
        assert_eq!(bounds, [Debug, Debug, Info, Info, Warn, Warn, Error, Error]);
        let named = |number, name| {
            severity("a.crashed", move |event| {
                let event = event.integer_extension("severitynumber", number);
                event.extension("severitytext", name)
            })
        };
        assert_eq!(named(9, "ERROR"), Info);
        assert_eq!(named(99, "Warning"), Warn);
        assert_eq!(named(0, "loud"), Error);
        assert_eq!(
            severity("a", |event| event.extension("severitynumber", "13")),
            Warn
        );
    }

    #[test]
    fn without_either_the_words_tell() {
        assert_eq!(severity("tool.crashed", |event| event), Error);
        assert_eq!(severity("run.failed", |event| event), Error);
        assert_eq!(severity("tool.started", |event| event), Info);
        assert_eq!(
            severity("a", |event| event.extension("outcome", "timeout")),
            Warn
        );
        assert_eq!(
            severity("a", |event| event.extension("outcome", "success")),
            Info
        );
    }
}
