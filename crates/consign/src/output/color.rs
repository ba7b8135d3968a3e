use std::io;

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use clap::ValueEnum;

/// When words are coloured.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(super) enum When {
    /// On a terminal that bears it.
    #[default]
    Auto,
    /// Wherever it goes.
    Always,
    /// Nowhere.
    Never,
}

/// Colours words of health, or leaves them. The word itself always tells: good ones are in lower
/// case, bad ones in capitals.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Painter {
    on: bool,
}

impl Painter {
    /// Leaves every word as it is.
    pub(crate) const PLAIN: Self = Self { on: false };

    /// For standard output.
    pub(super) fn new(when: When) -> Self {
        let on = match when {
            When::Always => true,
            When::Never => false,
            When::Auto => AutoStream::choice(&io::stdout()) != ColorChoice::Never,
        };
        Self { on }
    }

    /// `text`, coloured by the health that its first word tells.
    pub(crate) fn health(self, text: &str) -> String {
        match style(text) {
            Some(style) if self.on => format!("{style}{text}{style:#}"),
            _ => text.to_owned(),
        }
    }
}

fn style(text: &str) -> Option<Style> {
    let first = text.split_whitespace().next()?;
    let color = match first {
        "ok" | "connected" | "ready" | "verified" => AnsiColor::Green,
        "WARN" | "WARNING" | "DEGRADED" | "UNSIGNED" => AnsiColor::Yellow,
        _ if first.starts_with(char::is_uppercase) && !first.contains(char::is_lowercase) => {
            AnsiColor::Red
        }
        _ => return None,
    };
    Some(color.on_default())
}

#[cfg(test)]
mod tests {
    use super::{Painter, When};

    #[test]
    fn colour_adds_to_the_word_and_takes_nothing_away() {
        let painted = |text| Painter::new(When::Always).health(text);
        for (text, code) in [("ok", "32"), ("WARN age", "33"), ("MISSING", "31")] {
            assert_eq!(painted(text), format!("\u{1b}[{code}m{text}\u{1b}[0m"));
            assert_eq!(Painter::new(When::Never).health(text), text);
        }
        for text in ["", "—", "limits 72h", "-", "1,204", "Ok"] {
            assert_eq!(painted(text), text);
        }
    }
}
