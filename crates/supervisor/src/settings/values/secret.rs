use std::fmt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{Form, Given, Value, Wrong};

/// A text that nobody is shown: no Display, a silent Debug, wiped from memory when dropped.
#[derive(Clone)]
pub struct Secret {
    text: Zeroizing<String>,
    file: Option<PathBuf>,
}

impl Secret {
    /// The secret itself, for the one place that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// The file it was read from, when it was.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

impl Value for Secret {
    const FORM: Form = Form::Secret;

    fn parse(given: &Given<'_>) -> Result<Self, Wrong> {
        Ok(Self {
            text: Zeroizing::new(given.text.to_owned()),
            file: given.file.map(Path::to_owned),
        })
    }

    fn shown(_: &Given<'_>) -> String {
        "(hidden)".to_owned()
    }
}
