use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use aho_corasick::{AhoCorasick, MatchKind};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::edit::{Found, MOST_FOUND};
use crate::find::base64;
use crate::live_forms::{Shape, forms};

/// Secrets that the host knows, removed by value wherever they appear: plain, JSON-escaped,
/// percent-encoded, in hexadecimal and in base64. A clone is a handle on the same set.
///
/// A change builds a new search beside the old one and swaps them, so that events never wait for
/// it. Debug shows the number of values alone. Values are zeroized when they go; the search holds
/// them spelled out until it is replaced, and the memory it frees is not wiped.
#[derive(Clone, Default)]
pub struct LiveSecrets(Arc<Shared>);

/// The value is too short to be told from ordinary text.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("register a secret of less than {} bytes", LiveSecrets::SHORTEST)]
pub struct TooShort;

impl LiveSecrets {
    /// The length of the shortest value that can be registered, in bytes.
    pub const SHORTEST: usize = 6;

    /// Registers `value`, less white space around it. Events prepared after this returns hold it
    /// no more.
    ///
    /// # Errors
    /// A value shorter than [`SHORTEST`](Self::SHORTEST).
    pub fn add(&self, value: impl AsRef<[u8]>) -> Result<(), TooShort> {
        let value = value.as_ref().trim_ascii();
        if value.len() < Self::SHORTEST {
            return Err(TooShort);
        }
        self.change(|values| {
            let new = !values.iter().any(|own| own.as_slice() == value);
            if new {
                values.push(Zeroizing::new(value.to_vec()));
            }
            new
        });
        Ok(())
    }

    /// Forgets `value`. False where it was not registered.
    pub fn remove(&self, value: impl AsRef<[u8]>) -> bool {
        let value = value.as_ref().trim_ascii();
        self.change(|values| {
            let before = values.len();
            values.retain(|own| own.as_slice() != value);
            values.len() < before
        })
    }

    /// How many values are registered.
    #[must_use]
    pub fn len(&self) -> usize {
        let values = self.0.values.lock();
        values.unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether no value is registered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The search as it stands, for one event.
    pub(crate) fn search(&self) -> Option<Arc<LiveSearch>> {
        let search = self.0.search.read();
        search.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes the values and, where that made a difference, the search.
    fn change(&self, change: impl FnOnce(&mut Values) -> bool) -> bool {
        let mut values = self.0.values.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = change(&mut values);
        if changed {
            let search = LiveSearch::over(&values).map(Arc::new);
            *self
                .0
                .search
                .write()
                .unwrap_or_else(PoisonError::into_inner) = search;
        }
        changed
    }
}

impl fmt::Debug for LiveSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LiveSecrets({} values)", self.len())
    }
}

type Values = Vec<Zeroizing<Vec<u8>>>;

#[derive(Default)]
struct Shared {
    values: Mutex<Values>,
    search: RwLock<Option<Arc<LiveSearch>>>,
}

/// One pass over a text that finds every registered value in every form.
pub(crate) struct LiveSearch {
    automaton: AhoCorasick,
    shapes: Vec<Shape>,
}

impl LiveSearch {
    fn over(values: &Values) -> Option<Self> {
        if values.is_empty() {
            return None;
        }
        let forms: Vec<_> = values.iter().flat_map(|value| forms(value)).collect();
        let texts = forms.iter().map(|form| form.text.as_slice());
        let builder = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .build(texts);
        Some(Self {
            automaton: builder.ok()?,
            shapes: forms.iter().map(|form| form.shape).collect(),
        })
    }

    pub(crate) fn is_in(&self, text: &[u8]) -> bool {
        self.automaton.is_match(text)
    }

    /// Adds where values start in `text`.
    pub(crate) fn suspicions(&self, text: &[u8], at: &mut Vec<usize>) {
        at.extend(
            self.automaton
                .find_overlapping_iter(text)
                .map(|hit| hit.start()),
        );
    }

    /// Adds where values stand in `text`.
    pub(crate) fn find(&self, text: &[u8], found: &mut Vec<Found>) {
        for hit in self
            .automaton
            .find_overlapping_iter(text)
            .take(MOST_FOUND + 1)
        {
            let range = match self.shapes.get(hit.pattern().as_usize()) {
                Some(Shape::Encoded) => base64::run_around(text, hit.range()),
                Some(Shape::Plain) | None => hit.range(),
            };
            found.push(Found::new(range, RULE));
        }
    }
}

pub(crate) const RULE: &str = "live";

#[cfg(test)]
mod tests {
    use super::{LiveSecrets, TooShort};

    fn holds(live: &LiveSecrets, text: &str) -> bool {
        live.search()
            .is_some_and(|search| search.is_in(text.as_bytes()))
    }

    #[test]
    fn values_come_and_go() {
        let live = LiveSecrets::default();
        let handle = live.clone();
        assert!(!holds(&live, "a hunter2 b"));
        handle.add("hunter2\n").unwrap();
        handle.add("hunter3").unwrap();
        assert!(holds(&live, "a hunter2 b") && holds(&live, "hunter3"));
        assert!(handle.remove("hunter2") && !handle.remove("hunter2"));
        assert!(!holds(&live, "a hunter2 b") && holds(&live, "hunter3"));
        assert_eq!(live.len(), 1);
    }

    #[test]
    fn short_values_are_refused_and_none_is_shown() {
        let live = LiveSecrets::default();
        assert_eq!(live.add(" 12345 "), Err(TooShort));
        live.add("CANARY").unwrap();
        assert_eq!(format!("{live:?}"), "LiveSecrets(1 values)");
    }
}
