//! The types that settings have, each parsed from text at the edge.

mod basic;
mod bearer;
mod bytes;
mod file;
mod lists;
mod log_filter;
mod routing;
mod secret;
mod server_url;
mod sink;
mod token;
mod tokens_file;
mod words;

pub use bytes::Bytes;
pub use file::{PrivateFile, ReadableFile};
pub use lists::{ExtensionNames, FieldNames};
pub use log_filter::LogFilter;
pub use routing::{RouteTexts, Template};
pub use secret::Secret;
pub use server_url::{ServerUrl, ServerUrls};
pub use sink::{SinkChoice, SinkEntry, SinkKind, SinkNeed};
pub use token::Token;
pub use tokens_file::TokensFile;

pub(crate) use bearer::bearer_token;
pub(crate) use file::{Privacy, read_private, read_text};
pub(crate) use words::words;

use std::path::Path;

/// A type that a setting can have.
pub(crate) trait Value: Sized {
    /// What texts of this type look like.
    const FORM: Form;

    /// Reads the value.
    ///
    /// # Errors
    /// Says what is wrong in words that are safe to print: a text that may hold a credential is
    /// never part of them.
    fn parse(given: &Given<'_>) -> Result<Self, Wrong>;

    /// The value as it may be printed.
    fn shown(given: &Given<'_>) -> String {
        given.text.to_owned()
    }

    /// What stands for a setting that is not set and has no default.
    fn absent() -> Option<Self> {
        None
    }

    /// The size of the value, for types whose settings have bounds.
    fn amount(&self) -> Option<u128> {
        None
    }

    /// Whether the value merely turns something off, which a build without it can honour.
    fn is_off(&self) -> bool {
        false
    }

    /// What an operator should know about a value that is accepted all the same.
    fn remark(&self) -> Option<String> {
        None
    }
}

/// A text that was found for a setting. No Debug: it may be a secret.
pub(crate) struct Given<'a> {
    pub(crate) text: &'a str,
    /// The file that the text was read from, for secrets kept in one.
    pub(crate) file: Option<&'a Path>,
}

/// Why a text is no value.
#[derive(Debug)]
pub(crate) enum Wrong {
    /// It does not have the form of its type. The message quotes it.
    Form,
    /// Another reason, in words that are safe to print.
    Because(String),
}

impl Wrong {
    pub(crate) fn because(words: impl Into<String>) -> Self {
        Self::Because(words.into())
    }
}

/// What the texts of a type look like.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Form {
    Flag,
    Number,
    Words(&'static [&'static str]),
    Text {
        noun: &'static str,
        example: &'static str,
    },
    List {
        noun: &'static str,
        example: &'static str,
    },
    Secret,
}

impl Form {
    /// The allowed texts, in words.
    pub(crate) fn accepts(self) -> String {
        match self {
            Self::Flag => "true, false".to_owned(),
            Self::Number => "a whole number".to_owned(),
            Self::Words(words) => words.join(", "),
            Self::Text { noun, example } | Self::List { noun, example } => {
                format!("{noun}, like {example}")
            }
            Self::Secret => "a secret".to_owned(),
        }
    }

    /// What to say of a text that does not have this form.
    pub(crate) fn refuse(self, text: &str) -> String {
        match self {
            Self::Flag => format!(
                "{} is not a boolean; use 1 or 0, true or false, yes or no, on or off",
                quoted(text)
            ),
            Self::Number => format!("{} is not a whole number", quoted(text)),
            Self::Words(words) => {
                let hint = super::suggest::nearest(text, words.iter().copied());
                let hint = hint.map_or_else(String::new, |word| format!("; did you mean {word}"));
                format!("{} is not one of {}{hint}", quoted(text), words.join(", "))
            }
            Self::Text { noun, example } | Self::List { noun, example } => {
                format!("{} is not {noun}; try {example}", quoted(text))
            }
            Self::Secret => "is not usable".to_owned(),
        }
    }
}

/// A text in quotes, cut to a readable length, without control characters and without what may be
/// credentials in a URL.
fn quoted(text: &str) -> String {
    if text.contains('@') {
        return format!("a value of {} characters", text.chars().count());
    }
    if text.chars().count() <= LONGEST_QUOTE {
        return format!("{text:?}");
    }
    let start: String = text.chars().take(LONGEST_QUOTE).collect();
    format!("{start:?}…")
}

const LONGEST_QUOTE: usize = 60;
