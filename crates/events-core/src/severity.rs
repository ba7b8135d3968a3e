use std::fmt;
use std::str::FromStr;

use crate::{Event, Extension};

/// How much an event matters, in five steps.
///
/// An event states it with the CloudEvents severity extension (`cloudevents/extensions/severity.md`):
/// `severitynumber`, one of OpenTelemetry's severity numbers (Logs Data Model, section "Field:
/// SeverityNumber"), and `severitytext`, the name at its source.
///
/// | step | numbers | names, in any case |
/// |---|---|---|
/// | [`Trace`](Self::Trace) | 1 to 4 | `trace` |
/// | [`Debug`](Self::Debug) | 5 to 8 | `debug` |
/// | [`Info`](Self::Info) | 9 to 12 | `info` |
/// | [`Warn`](Self::Warn) | 13 to 16 | `warn`, `warning` |
/// | [`Error`](Self::Error) | 17 to 24, with OpenTelemetry's FATAL | `error`, `critical`, `fatal` |
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// Every step of the work.
    Trace,
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
    /// The extension attribute that bears the number.
    pub const NUMBER: &'static str = "severitynumber";

    /// The extension attribute that bears the name.
    pub const TEXT: &'static str = "severitytext";

    /// Every step, the least first.
    pub const ALL: [Self; 5] = [
        Self::Trace,
        Self::Debug,
        Self::Info,
        Self::Warn,
        Self::Error,
    ];

    /// What the event states: its number, else its name. `None` where neither says a step.
    #[must_use]
    pub fn stated_by(event: &Event) -> Option<Self> {
        let name = || event.extension(Self::TEXT).and_then(Extension::as_str);
        Self::numbered_by(event).or_else(|| name()?.parse().ok())
    }

    /// The step of the event's number. In binary mode the number arrives as a text.
    #[must_use]
    pub fn numbered_by(event: &Event) -> Option<Self> {
        let number = event.extension(Self::NUMBER)?.to_canonical();
        Self::from_number(number.parse().ok()?)
    }

    /// The step of one of OpenTelemetry's numbers, 1 to 24.
    #[must_use]
    pub const fn from_number(number: i64) -> Option<Self> {
        match number {
            1..=4 => Some(Self::Trace),
            5..=8 => Some(Self::Debug),
            9..=12 => Some(Self::Info),
            13..=16 => Some(Self::Warn),
            17..=24 => Some(Self::Error),
            _ => None,
        }
    }

    /// The number that stands for the step: the lowest of its own.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Trace => 1,
            Self::Debug => 5,
            Self::Info => 9,
            Self::Warn => 13,
            Self::Error => 17,
        }
    }

    /// The step as one lower-case word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Severity {
    type Err = UnknownSeverity;

    /// Reads a name, in any case, such as `warn` or `ERROR`.
    fn from_str(name: &str) -> Result<Self, UnknownSeverity> {
        let mut steps = Self::ALL.into_iter();
        let ours = steps.find(|step| name.eq_ignore_ascii_case(step.as_str()));
        let others = || {
            OTHERS
                .into_iter()
                .find(|(n, _)| name.eq_ignore_ascii_case(n))
        };
        ours.or_else(|| others().map(|(_, step)| step))
            .ok_or(UnknownSeverity)
    }
}

/// The name is none of a severity.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("find a severity of that name: trace, debug, info, warn or error")]
pub struct UnknownSeverity;

/// Names at other sources.
const OTHERS: [(&str, Severity); 3] = [
    ("warning", Severity::Warn),
    ("critical", Severity::Error),
    ("fatal", Severity::Error),
];

#[cfg(test)]
mod tests {
    use super::Severity::{self, Debug, Error, Info, Trace, Warn};
    use crate::{Event, EventBuilder};

    fn stated(with: impl FnOnce(EventBuilder) -> EventBuilder) -> Option<Severity> {
        Severity::stated_by(&with(Event::builder("1", "/a", "b")).build().unwrap())
    }

    #[test]
    fn numbers_are_opentelemetrys() {
        let number = |number| stated(|event| event.integer_extension(Severity::NUMBER, number));
        let bounds = [1, 4, 5, 8, 9, 12, 13, 16, 17, 24].map(number);
        let steps = [Trace, Debug, Info, Warn, Error];
        assert_eq!(bounds.to_vec(), steps.map(|step| [Some(step); 2]).concat());
        assert_eq!([0, 25, -1].map(number), [None; 3]);
        for step in Severity::ALL {
            assert_eq!(Severity::from_number(step.number().into()), Some(step));
        }
    }

    #[test]
    fn the_number_comes_before_the_name() {
        let both = |number, name| {
            stated(|event| {
                let event = event.integer_extension(Severity::NUMBER, number);
                event.extension(Severity::TEXT, name)
            })
        };
        assert_eq!(both(9, "ERROR"), Some(Info));
        assert_eq!(both(99, "Warning"), Some(Warn));
        assert_eq!(both(0, "loud"), None);
        let text = |number| stated(|event| event.extension(Severity::NUMBER, number));
        assert_eq!([text("13"), text("much")], [Some(Warn), None]);
        assert_eq!(stated(|event| event), None);
    }

    #[test]
    fn a_step_is_read_as_it_is_written() {
        for step in Severity::ALL {
            assert_eq!(step.to_string().to_uppercase().parse(), Ok(step));
        }
        assert_eq!("Critical".parse(), Ok(Error));
        assert!("".parse::<Severity>().is_err());
    }
}
