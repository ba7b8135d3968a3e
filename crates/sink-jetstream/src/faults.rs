use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use events_core::subject::Subject;

/// What is wrong with single subjects. What works again is forgotten, and so is what nobody meets
/// any more: the event that met it may be gone.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<HashMap<Subject, Trouble>>);

#[derive(Debug, Default)]
struct Trouble {
    /// No stream takes the subject.
    unheard: Option<Unheard>,
    mistake: Option<Mistake>,
}

#[derive(Debug)]
struct Unheard {
    since: Instant,
    last: Instant,
}

/// What an operator has to change.
#[derive(Debug)]
struct Mistake {
    reason: String,
    last: Instant,
}

impl Faults {
    /// Notes that no stream took `subject`, and says for how long that has been so.
    pub(crate) fn unheard(&self, subject: &Subject, now: Instant) -> Duration {
        let mut troubles = self.lock();
        let Some(trouble) = entry(&mut troubles, subject, now) else {
            return Duration::ZERO;
        };
        let since = trouble.unheard.as_ref().map_or(now, |known| known.since);
        trouble.unheard = Some(Unheard { since, last: now });
        now.saturating_duration_since(since)
    }

    /// Notes what an operator has to change for `subject`. Says whether that is news.
    pub(crate) fn mistaken(&self, subject: &Subject, reason: String) -> bool {
        let now = now();
        let mut troubles = self.lock();
        let Some(trouble) = entry(&mut troubles, subject, now) else {
            return false;
        };
        let known = trouble.mistake.as_ref();
        let is_news = known.is_none_or(|known| known.reason != reason);
        trouble.mistake = Some(Mistake { reason, last: now });
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
        let mut troubles = self.lock();
        forget_lapsed(&mut troubles, now());
        let mistakes = troubles.iter().filter_map(|(subject, trouble)| {
            let mistake = trouble.mistake.as_ref()?;
            Some((subject.to_string(), mistake.reason.clone()))
        });
        let mut mistakes: Vec<_> = mistakes.collect();
        mistakes.sort();
        mistakes
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Subject, Trouble>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Trouble {
    /// Forgets what was not met for a while, and says whether anything is left.
    fn lasts(&mut self, now: Instant) -> bool {
        let is_over = |last: Instant| now.saturating_duration_since(last) >= LAPSE;
        self.unheard.take_if(|unheard| is_over(unheard.last));
        self.mistake.take_if(|mistake| is_over(mistake.last));
        self.unheard.is_some() || self.mistake.is_some()
    }
}

/// The entry of `subject`, unless there are too many.
fn entry<'a>(
    troubles: &'a mut HashMap<Subject, Trouble>,
    subject: &Subject,
    now: Instant,
) -> Option<&'a mut Trouble> {
    if troubles.len() >= MOST && !troubles.contains_key(subject) {
        forget_lapsed(troubles, now);
        if troubles.len() >= MOST {
            return None;
        }
    }
    let trouble = troubles.entry(subject.clone()).or_default();
    trouble.lasts(now);
    Some(trouble)
}

fn forget_lapsed(troubles: &mut HashMap<Subject, Trouble>, now: Instant) {
    troubles.retain(|_, trouble| trouble.lasts(now));
}

fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

/// How long a trouble that nobody meets again stays known. Events that were set aside are tried
/// again more often than that, so that a standing mistake stays known as long as one waits for it.
const LAPSE: Duration = Duration::from_secs(120);

/// How many subjects are kept. Past it, one more subject without a stream stays `Unavailable`.
const MOST: usize = 1024;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use events_core::subject::Subject;
    use tokio::time::advance;

    use super::{Faults, LAPSE, MOST, now};

    fn subject(number: usize) -> Subject {
        format!("consign.events.acme.{number}").parse().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_mistake_that_is_not_repeated_lapses_and_one_that_is_stays() {
        let faults = Faults::default();
        let (once, again) = (subject(1), subject(2));
        assert!(faults.mistaken(&once, "dropped".to_owned()));
        assert!(faults.mistaken(&again, "set aside".to_owned()));
        for _ in 0..20 {
            advance(Duration::from_secs(30)).await;
            assert!(!faults.mistaken(&again, "set aside".to_owned()), "no news");
        }
        let left = [(again.to_string(), "set aside".to_owned())];
        assert_eq!(faults.mistakes(), left);
        assert!(faults.mistaken(&once, "dropped".to_owned()), "news again");
    }

    /// A stream was created and elects a leader: the mistake is none any more.
    #[tokio::test(start_paused = true)]
    async fn a_mistake_lapses_while_the_subject_is_unheard_for_another_reason() {
        let (faults, subject) = (Faults::default(), subject(1));
        faults.mistaken(&subject, "no stream".to_owned());
        let start = now();
        for _ in 0..5 {
            faults.unheard(&subject, now());
            advance(Duration::from_secs(30)).await;
        }
        assert!(faults.mistakes().is_empty());
        assert_eq!(faults.unheard(&subject, now()), now() - start);
        advance(LAPSE).await;
        assert_eq!(faults.unheard(&subject, now()), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn what_lapsed_makes_room() {
        let faults = Faults::default();
        for number in 0..MOST {
            faults.mistaken(&subject(number), "mistyped".to_owned());
        }
        assert!(!faults.mistaken(&subject(MOST), "one more".to_owned()));
        assert_eq!(faults.mistakes().len(), MOST);
        advance(LAPSE).await;
        assert!(faults.mistaken(&subject(MOST), "one more".to_owned()));
        assert_eq!(faults.mistakes().len(), 1);
    }
}
