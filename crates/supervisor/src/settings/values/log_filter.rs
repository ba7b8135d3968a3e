use std::fmt;

use tracing_subscriber::EnvFilter;

use super::{Form, Given, Value, Wrong};
use crate::settings::suggest;

/// Which log lines are written, in the notation of `RUST_LOG`: a level, or `target=level` pairs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LogFilter(String);

impl LogFilter {
    /// The directives, which are known to parse.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LogFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Value for LogFilter {
    const FORM: Form = Form::Text {
        noun: "a log filter",
        example: "info,supervisor=debug",
    };

    fn parse(given: &Given<'_>) -> Result<Self, Wrong> {
        // What is no level passes for the name of a target, and silences all others.
        if given.text.split(',').map(str::trim).any(is_misspelt_level) {
            return Err(Wrong::Form);
        }
        EnvFilter::builder()
            .parse(given.text)
            .map_err(|_| Wrong::Form)?;
        Ok(Self(given.text.to_owned()))
    }
}

fn is_misspelt_level(word: &str) -> bool {
    let is_one_of = |words: &[&str]| words.iter().any(|known| known.eq_ignore_ascii_case(word));
    !is_one_of(&LEVELS) && (is_one_of(&FOREIGN) || suggest::nearest(word, LEVELS).is_some())
}

const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// Levels that other loggers have.
const FOREIGN: [&str; 5] = ["critical", "fatal", "notice", "verbose", "warning"];
