//! A word that must appear nowhere but in events, and where to look for it.

use std::error::Error;
use std::fmt::{Debug, Display, Write as _};

use events_core::{Event, Outcome, SinkError};

use crate::Failure;
use crate::sample::{built, plain};

/// The word. Looks like no secret, so that no redactor takes it out by chance.
pub const CANARY: &str = "canary7f3a9c51e2d04b";

/// An event that bears the canary wherever a host can put text: id, source, subject, the name
/// and the value of an extension, a key and a value of the data.
#[must_use]
pub fn event() -> Event {
    built(
        plain(CANARY)
            .source(&format!("/{CANARY}"))
            .subject(CANARY)
            .extension(CANARY, CANARY)
            .json(&format!(r#"{{"{CANARY}":"{CANARY}"}}"#)),
    )
}

/// Whether `text` shows the canary, as text or as the list of numbers that derived Debug makes
/// of bytes.
#[must_use]
pub fn is_in(text: &str) -> bool {
    let spaceless: String = text.split_whitespace().collect();
    text.contains(CANARY) || spaceless.contains(&numbers())
}

/// Everything a sink says around events, gathered to be searched once.
#[derive(Debug, Default)]
pub(crate) struct Said(Vec<(&'static str, String)>);

impl Said {
    pub(crate) fn by(&mut self, sink: &(impl Display + Debug + ?Sized)) {
        self.add("Display of the sink", sink.to_string());
        self.add("Debug of the sink", format!("{sink:?} {sink:#?}"));
    }

    pub(crate) fn in_results(&mut self, results: &[Result<Outcome, SinkError>]) {
        for result in results {
            match result {
                Ok(outcome) => self.add("Debug of an outcome", format!("{outcome:?}")),
                Err(error) => self.in_error(error),
            }
        }
    }

    pub(crate) fn in_error(&mut self, error: &SinkError) {
        let mut text = format!("{error:?} {error:#?}");
        let mut level: Option<&dyn Error> = Some(error);
        while let Some(error) = level {
            // Writing to a String cannot fail.
            write!(text, " {error} {error:?}").ok();
            level = error.source();
        }
        self.add("an error", text);
    }

    pub(crate) fn add(&mut self, place: &'static str, text: String) {
        self.0.push((place, text));
    }

    /// Names the places that showed the canary.
    pub(crate) fn nothing(self) -> Result<(), Failure> {
        let mut leaks: Vec<&str> = self
            .0
            .into_iter()
            .filter_map(|(place, text)| is_in(&text).then_some(place))
            .collect();
        leaks.dedup();
        if leaks.is_empty() {
            return Ok(());
        }
        Err(Failure::new(format!(
            "shows a value of an event in: {}",
            leaks.join(", ")
        )))
    }
}

fn numbers() -> String {
    let numbers: Vec<String> = CANARY.bytes().map(|byte| byte.to_string()).collect();
    numbers.join(",")
}

#[cfg(test)]
mod tests {
    use super::{CANARY, is_in};

    #[test]
    fn the_canary_is_found_as_text_and_as_numbers() {
        assert!(is_in(&format!("id={CANARY}!")));
        assert!(is_in(&format!("{:?}", CANARY.as_bytes())));
        assert!(is_in(&format!("{:#?}", CANARY.as_bytes())));
        assert!(!is_in("canary"));
    }
}
