use std::fmt;

use super::{Form, Given, Value, Wrong};

/// A name that is safe as one token of a subject: `[A-Za-z0-9_-]`, 1 to 64 characters.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Token(String);

impl Token {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Value for Token {
    const FORM: Form = Form::Text {
        noun: "a name of 1 to 64 letters, digits, _ and -",
        example: "acme-1",
    };

    fn parse(given: &Given<'_>) -> Result<Self, Wrong> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let text = given.text;
        if text.len() <= 64 && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Wrong::Form)
        }
    }
}
