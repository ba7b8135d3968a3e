use std::collections::BTreeMap;
use std::fmt;

use events_core::json::JsonText;
use events_core::{Problem, Violations};
use serde::Serialize;

/// Named JSON values, whose digits and escapes stay as they are. Debug shows how many.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct Attrs(BTreeMap<String, JsonText>);

impl Attrs {
    /// Sets a value, in the place of any it had.
    ///
    /// # Errors
    /// What JSON cannot hold, or nests too deep.
    pub fn set(&mut self, name: &str, value: &impl Serialize) -> Result<(), Violations> {
        // The serializer's own words may repeat a value.
        let text = serde_json::to_string(value)
            .map_err(|_| Violations::one("attrs", Problem::MustBe("what JSON can hold")))?;
        let text = JsonText::parse(&text)
            .map_err(|error| Violations::one("attrs", Problem::Json(error)))?;
        self.set_json(name, text);
        Ok(())
    }

    /// Sets a value that is JSON already.
    pub fn set_json(&mut self, name: &str, value: JsonText) {
        self.0.insert(name.to_owned(), value);
    }

    /// The value of that name, as JSON.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(JsonText::as_str)
    }

    /// Names and values, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.0.iter();
        pairs.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Attrs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attrs({})", self.0.len())
    }
}
