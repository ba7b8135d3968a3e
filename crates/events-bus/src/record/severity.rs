use std::borrow::Cow;
use std::fmt;

use events_core::{EventBuilder, Problem, Severity as Step, Violations};

/// How much something matters, to the number: one of OpenTelemetry's (1 to 24), and its name at the
/// source (CloudEvents severity extension). Ordered by the number.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Severity {
    number: u8,
    text: Cow<'static, str>,
}

impl Severity {
    /// 5, `DEBUG`
    pub const DEBUG: Self = Self::lowest_of(Step::Debug, "DEBUG");
    /// 9, `INFO`
    pub const INFO: Self = Self::lowest_of(Step::Info, "INFO");
    /// 13, `WARN`
    pub const WARN: Self = Self::lowest_of(Step::Warn, "WARN");
    /// 17, `ERROR`
    pub const ERROR: Self = Self::lowest_of(Step::Error, "ERROR");

    /// A severity of one's own.
    ///
    /// # Errors
    /// A number that is none of 1 to 24, or an empty name.
    pub fn named(number: i32, text: &str) -> Result<Self, Violations> {
        let known = [Self::DEBUG, Self::INFO, Self::WARN, Self::ERROR];
        let same = |own: &Self| i32::from(own.number) == number && own.text == text;
        if let Some(own) = known.into_iter().find(same) {
            return Ok(own);
        }
        let refused = |rule| Violations::one(Step::NUMBER, Problem::MustBe(rule));
        let known = Step::from_number(number.into()).and(u8::try_from(number).ok());
        let number = known.ok_or_else(|| refused("one of 1 to 24"))?;
        if text.is_empty() {
            return Err(refused("named in severitytext"));
        }
        Ok(Self {
            number,
            text: Cow::Owned(text.to_owned()),
        })
    }

    /// Its number.
    #[must_use]
    pub fn number(&self) -> u8 {
        self.number
    }

    /// Its name.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The event with this severity, as its number and its name.
    pub(crate) fn on(&self, event: EventBuilder) -> EventBuilder {
        event
            .integer_extension(Step::NUMBER, i32::from(self.number))
            .extension(Step::TEXT, &self.text)
    }

    const fn lowest_of(step: Step, text: &'static str) -> Self {
        Self {
            number: step.number(),
            text: Cow::Borrowed(text),
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
