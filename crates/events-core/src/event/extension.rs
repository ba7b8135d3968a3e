use std::borrow::{Borrow, Cow};
use std::fmt;
use std::str::FromStr;

use super::names::NOT_EXTENSIONS;
use super::text::check_text;
use crate::{Problem, Violations};

/// The name of an extension attribute: lower-case ASCII letters and digits, no core name.
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ExtensionName(Cow<'static, str>);

/// The value of an extension attribute.
///
/// CloudEvents knows seven types; in JSON, Binary, URI, URI-reference and Timestamp are strings
/// and cannot be told from String without a schema, so they are kept as the text they came as.
#[derive(Clone, Eq, PartialEq)]
pub enum Extension {
    /// A Boolean.
    Boolean(bool),
    /// An Integer of 32 bits.
    Integer(i32),
    /// A non-empty String, or one of the types that travel as one.
    String(Box<str>),
}

impl ExtensionName {
    /// A name known at compile time.
    ///
    /// # Panics
    /// Where `name` is not of lower-case letters and digits. Call it in a `const`, so that a wrong
    /// name does not compile. Core names are refused when the event is sealed.
    #[must_use]
    pub const fn from_static(name: &'static str) -> Self {
        assert!(
            is_plain(name.as_bytes()),
            "an extension is named with a-z and 0-9 alone"
        );
        Self(Cow::Borrowed(name))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ExtensionName {
    type Err = Violations;

    fn from_str(name: &str) -> Result<Self, Violations> {
        if !is_plain(name.as_bytes()) {
            let rule = "named with lower-case letters and digits alone";
            return Err(Violations::one(name, Problem::MustBe(rule)));
        }
        if NOT_EXTENSIONS.contains(&name) {
            return Err(Violations::one(
                name,
                Problem::MustNot("be set as an extension"),
            ));
        }
        Ok(Self(Cow::Owned(name.to_owned())))
    }
}

impl Borrow<str> for ExtensionName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ExtensionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ExtensionName({} bytes)", self.0.len())
    }
}

impl Extension {
    /// A String value.
    ///
    /// # Errors
    /// The rule that the text breaks: empty, control characters, noncharacters.
    pub fn text(value: &str) -> Result<Self, Problem> {
        check_text(value).map(|()| Self::String(value.into()))
    }

    /// The value's canonical string (CloudEvents spec, "Type System").
    #[must_use]
    pub fn to_canonical(&self) -> Cow<'_, str> {
        match self {
            Self::Boolean(true) => Cow::Borrowed("true"),
            Self::Boolean(false) => Cow::Borrowed("false"),
            Self::Integer(number) => Cow::Owned(number.to_string()),
            Self::String(text) => Cow::Borrowed(text),
        }
    }

    /// The text, where it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            Self::Boolean(_) | Self::Integer(_) => None,
        }
    }
}

impl fmt::Debug for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Boolean(_) => "Boolean",
            Self::Integer(_) => "Integer",
            Self::String(_) => "String",
        })
    }
}

const fn is_plain(mut name: &[u8]) -> bool {
    let mut plain = !name.is_empty();
    while let [first, rest @ ..] = name {
        plain &= first.is_ascii_lowercase() || first.is_ascii_digit();
        name = rest;
    }
    plain
}
