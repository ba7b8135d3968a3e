use std::fmt;

use zeroize::Zeroizing;

use super::layers::Found;
use super::origin::{Origin, Tier};

/// What a command line says of settings. It stands above every other source.
///
/// Its Debug shows which settings it speaks of, and no value: passwords are among them.
#[derive(Default)]
pub struct Flags {
    said: Vec<Said>,
}

struct Said {
    setting: &'static str,
    /// The flag and its value; `None` has the setting count as not set.
    value: Option<(&'static str, Zeroizing<String>)>,
}

impl Flags {
    /// Sets `setting`, a name of the table, to what `flag` says.
    pub fn set(&mut self, setting: &'static str, flag: &'static str, value: impl Into<String>) {
        let value = Some((flag, Zeroizing::new(value.into())));
        self.said.push(Said { setting, value });
    }

    /// Has `setting` count as not set, wherever else it is set: a flag says otherwise.
    pub fn unset(&mut self, setting: &'static str) {
        self.said.push(Said {
            setting,
            value: None,
        });
    }

    /// What is said of a setting: nothing, that it is not set, or its value.
    pub(super) fn decide(&self, setting: &str) -> Option<Option<Found>> {
        let said = self.said.iter().find(|said| said.setting == setting)?;
        Some(said.value.as_ref().map(|(flag, text)| Found {
            origin: Origin::new(Tier::Flag, *flag),
            text: text.clone(),
            is_path: false,
        }))
    }
}

impl fmt::Debug for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.said.iter().map(|said| said.setting))
            .finish()
    }
}
