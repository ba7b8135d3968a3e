use std::error::Error;
use std::fmt;

use serde::Serialize;

use crate::json::JsonError;

/// Everything that is wrong with one event; never empty, never a value of the event.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Violations(Vec<Violation>);

/// One rule that an event breaks, and where.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Violation {
    /// The attribute, `data`, or `event` for the whole.
    pub attribute: String,
    /// The rule, as a sentence that goes on from the attribute's name.
    pub problem: Problem,
}

/// The rules an event can break.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Problem {
    /// A required attribute is not there.
    Missing,
    /// A value that must not be empty is.
    Empty,
    /// The value has the wrong JSON type; says what it must be.
    WrongType(&'static str),
    /// The value breaks a rule of its own; says what it must be.
    MustBe(&'static str),
    /// The value may not be set; says why.
    MustNot(&'static str),
    /// The text is not acceptable JSON.
    Json(JsonError),
}

impl Violations {
    /// A single violation.
    #[must_use]
    pub fn one(attribute: &str, problem: Problem) -> Self {
        Self(vec![Violation::new(attribute, problem)])
    }

    /// `Err` with all that `found` holds, `Ok` where it holds nothing.
    ///
    /// # Errors
    /// The violations found.
    pub fn none_in(found: Vec<Violation>) -> Result<(), Self> {
        if found.is_empty() {
            Ok(())
        } else {
            Err(Self(found))
        }
    }

    /// The violations, in the order they were found.
    pub fn iter(&self) -> std::slice::Iter<'_, Violation> {
        self.0.iter()
    }
}

impl Violation {
    /// A violation of `problem` by `attribute`.
    ///
    /// An attribute's name comes from outside and may be a secret itself, so a name is repeated
    /// only where it looks like a word, of 20 lower-case letters at the most, or is one of the
    /// JSON format's.
    #[must_use]
    pub fn new(attribute: &str, problem: Problem) -> Self {
        let word = (1..=20).contains(&attribute.len())
            && attribute.bytes().all(|byte| byte.is_ascii_lowercase());
        let attribute = if word || attribute == "data_base64" {
            attribute
        } else {
            "an extension attribute"
        };
        Self {
            attribute: attribute.to_owned(),
            problem,
        }
    }
}

impl<'a> IntoIterator for &'a Violations {
    type Item = &'a Violation;
    type IntoIter = std::slice::Iter<'a, Violation>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for Violations {
    type Item = Violation;
    type IntoIter = std::vec::IntoIter<Violation>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, violation) in self.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{violation}")?;
        }
        Ok(())
    }
}

impl Error for Violations {}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.attribute, self.problem)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("is missing"),
            Self::Empty => f.write_str("must not be empty"),
            Self::WrongType(wanted) | Self::MustBe(wanted) => write!(f, "must be {wanted}"),
            Self::MustNot(reason) => write!(f, "must not {reason}"),
            Self::Json(error) => write!(f, "is not acceptable JSON: {error}"),
        }
    }
}

impl Serialize for Problem {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
