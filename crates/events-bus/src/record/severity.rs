use std::borrow::Cow;
use std::fmt;

use events_core::{Problem, Violations};

/// How much something matters: a number of OpenTelemetry's (1 to 24), and its name at the source
/// (CloudEvents severity extension). Ordered by the number.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Severity {
    number: u8,
    text: Cow<'static, str>,
}

impl Severity {
    /// 5, `DEBUG`
    pub const DEBUG: Self = Self::known(5, "DEBUG");
    /// 9, `INFO`
    pub const INFO: Self = Self::known(9, "INFO");
    /// 13, `WARN`
    pub const WARN: Self = Self::known(13, "WARN");
    /// 17, `ERROR`
    pub const ERROR: Self = Self::known(17, "ERROR");

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
        let refused = |rule| Violations::one("severitynumber", Problem::MustBe(rule));
        let number = u8::try_from(number).ok();
        let number = number.filter(|number| (1..=24).contains(number));
        let number = number.ok_or_else(|| refused("one of 1 to 24"))?;
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

    const fn known(number: u8, text: &'static str) -> Self {
        Self {
            number,
            text: Cow::Borrowed(text),
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
