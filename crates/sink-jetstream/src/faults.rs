use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use events_core::subject::Subject;

/// What is wrong with single subjects. What works again is forgotten.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<HashMap<Subject, Trouble>>);

#[derive(Debug)]
struct Trouble {
    /// When no stream took the subject for the first time.
    unheard_since: Option<Instant>,
    /// What an operator has to change.
    mistake: Option<String>,
}

impl Faults {
    /// Notes that no stream took `subject`, and says for how long that has been so.
    pub(crate) fn unheard(&self, subject: &Subject, now: Instant) -> Duration {
        let mut troubles = self.lock();
        let trouble = entry(&mut troubles, subject);
        let since = trouble.and_then(|trouble| {
            trouble.unheard_since = trouble.unheard_since.or(Some(now));
            trouble.unheard_since
        });
        since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since))
    }

    /// Notes what an operator has to change for `subject`. Says whether that is news.
    pub(crate) fn mistaken(&self, subject: &Subject, reason: String) -> bool {
        let mut troubles = self.lock();
        let Some(trouble) = entry(&mut troubles, subject) else {
            return false;
        };
        let is_news = trouble.mistake.as_ref() != Some(&reason);
        trouble.mistake = Some(reason);
        is_news
    }

    /// Forgets `subject`, which works.
    pub(crate) fn works(&self, subject: &Subject) {
        let mut troubles = self.lock();
        if !troubles.is_empty() {
            troubles.remove(subject);
        }
    }

    /// What an operator has to change, by subject.
    pub(crate) fn mistakes(&self) -> Vec<(String, String)> {
        let troubles = self.lock();
        let mistakes = troubles.iter().filter_map(|(subject, trouble)| {
            let reason = trouble.mistake.clone()?;
            Some((subject.to_string(), reason))
        });
        let mut mistakes: Vec<_> = mistakes.collect();
        mistakes.sort();
        mistakes
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Subject, Trouble>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The entry of `subject`, unless there are too many.
fn entry<'a>(
    troubles: &'a mut HashMap<Subject, Trouble>,
    subject: &Subject,
) -> Option<&'a mut Trouble> {
    if troubles.len() >= MOST && !troubles.contains_key(subject) {
        return None;
    }
    Some(troubles.entry(subject.clone()).or_insert(Trouble {
        unheard_since: None,
        mistake: None,
    }))
}

/// How many subjects are kept. Past it, one more subject without a stream stays `Unavailable`.
const MOST: usize = 1024;
