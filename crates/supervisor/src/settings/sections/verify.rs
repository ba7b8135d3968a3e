use std::path::PathBuf;

use crate::settings::row::{Capability, Row};
use crate::settings::section::section;
use crate::settings::values::{Form, Given, Value, Wrong, words};

section! {
    "Verification";
    /// What signatures of incoming events are worth.
    pub struct Verify {
        /// A directory of the public keys that are trusted.
        pub keys_dir: Option<PathBuf> =
            Row::new("CONSIGN_VERIFY_KEYS_DIR").needs(Capability::Verification);
        /// What becomes of incoming events without a good signature: one word, or one for each
        /// source.
        pub policy: VerifyPolicy =
            Row::new("CONSIGN_VERIFY_POLICY").default("off").needs(Capability::Verification);
    }
}

words! {
    /// What becomes of an incoming event without a good signature.
    pub enum VerifyMode {
        /// Nothing: signatures are not looked at.
        Off = "off",
        /// It is accepted and logged.
        Warn = "warn",
        /// It is refused.
        Require = "require",
    }
}

/// What becomes of incoming events without a good signature.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VerifyPolicy {
    /// For sources that are not named.
    pub others: VerifyMode,
    /// By source, the first that matches counts.
    pub sources: Vec<(String, VerifyMode)>,
}

impl Value for VerifyPolicy {
    const FORM: Form = Form::List {
        noun: "off, warn or require, with source=policy pairs for exceptions",
        example: "warn,/payments=require",
    };

    fn parse(given: &Given<'_>) -> Result<Self, Wrong> {
        let mode = |text| VerifyMode::parse(&Given { text, file: None }).map_err(|_| Wrong::Form);
        let mut others = None;
        let mut sources = Vec::new();
        for entry in given.text.split(',').map(str::trim) {
            match entry.rsplit_once('=') {
                Some(("", _)) => return Err(Wrong::Form),
                Some((source, text)) => sources.push((source.to_owned(), mode(text)?)),
                None if others.is_some() => return Err(Wrong::Form),
                None => others = Some(mode(entry)?),
            }
        }
        Ok(Self {
            others: others.unwrap_or(VerifyMode::Off),
            sources,
        })
    }

    fn is_off(&self) -> bool {
        self.others == VerifyMode::Off && self.sources.iter().all(|(_, mode)| mode.is_off())
    }
}
