use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use events_core::subject::Subject;
use tokio::time::{Instant, timeout_at};

use crate::publisher::Storage;
use crate::{PublishError, Publisher, StreamFacts};

/// Which stream captures which subject, asked once for each stream and connection.
#[derive(Debug, Default)]
pub(crate) struct Captures {
    known: Mutex<Known>,
    /// Who holds it asks for all: the others find the answer.
    asking: tokio::sync::Mutex<()>,
}

/// Who captures a subject.
#[derive(Clone, Debug)]
pub(crate) enum Capture {
    /// This stream.
    By(Arc<StreamFacts>),
    /// None.
    Nobody,
    /// The broker did not say.
    Unknown,
    /// The broker does not tell: this login may not ask, or there is no JetStream to ask.
    Untold,
}

impl Captures {
    /// Who captures `subject`, as told under the connection `generation`.
    pub(crate) async fn of(
        &self,
        publisher: &dyn Publisher,
        subject: &Subject,
        generation: u64,
        within: Duration,
    ) -> Capture {
        if let Some(capture) = self.known(subject, generation) {
            return capture;
        }
        let deadline = Instant::now() + within;
        let Ok(_asking) = timeout_at(deadline, self.asking.lock()).await else {
            return Capture::Unknown;
        };
        if let Some(capture) = self.known(subject, generation) {
            return capture;
        }
        self.ask(publisher, subject, deadline).await
    }

    /// The same, asked anew unless that was done after `since`. What is known stays so without an
    /// answer.
    pub(crate) async fn ask_again(
        &self,
        publisher: &dyn Publisher,
        subject: &Subject,
        since: Instant,
        within: Duration,
    ) -> Capture {
        let deadline = Instant::now() + within;
        let Ok(_asking) = timeout_at(deadline, self.asking.lock()).await else {
            return Capture::Unknown;
        };
        if let Some((capture, told)) = self.lock().subjects.get(subject)
            && *told > since
        {
            return capture.clone();
        }
        self.ask(publisher, subject, deadline).await
    }

    /// Holds `stream` for the one that captures `subject`, since it proved to.
    pub(crate) fn pin(&self, subject: &Subject, stream: &str) {
        let facts = StreamFacts {
            name: stream.to_owned(),
            subjects: Vec::new(),
            no_ack: false,
            storage: Storage::File,
        };
        let capture = Capture::By(Arc::new(facts));
        self.lock().remember(subject, &capture, Instant::now());
    }

    async fn ask(
        &self,
        publisher: &dyn Publisher,
        subject: &Subject,
        deadline: Instant,
    ) -> Capture {
        let answer = timeout_at(deadline, publisher.stream_of(subject.as_str())).await;
        let capture = match answer {
            Ok(Ok(Some(facts))) => Capture::By(Arc::new(facts)),
            Ok(Ok(None)) => Capture::Nobody,
            Ok(Err(PublishError::Denied | PublishError::NoResponders)) => Capture::Untold,
            Ok(Err(_)) | Err(_) => Capture::Unknown,
        };
        self.lock().learn(subject, &capture);
        capture
    }

    /// Asks again for `subject` the next time, since what is known of it turned out wrong.
    pub(crate) fn forget(&self, subject: &Subject) {
        self.lock().forget(subject);
    }

    fn known(&self, subject: &Subject, generation: u64) -> Option<Capture> {
        let mut known = self.lock();
        if known.generation != generation {
            *known = Known {
                generation,
                ..Known::default()
            };
        }
        known.capture(subject)
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug, Default)]
struct Known {
    generation: u64,
    subjects: HashMap<Subject, (Capture, Instant)>,
    streams: Vec<(Arc<StreamFacts>, Instant)>,
}

impl Known {
    fn capture(&mut self, subject: &Subject) -> Option<Capture> {
        if let Some((capture, told)) = self.subjects.get(subject)
            && is_fresh(capture, *told)
        {
            return Some(capture.clone());
        }
        let captures = |facts: &StreamFacts| {
            let mut subjects = facts.subjects.iter();
            subjects.any(|pattern| pattern.matches(subject.as_str()))
        };
        let (facts, told) = self.streams.iter().find(|(facts, _)| captures(facts))?;
        let (capture, told) = (Capture::By(Arc::clone(facts)), *told);
        if !is_fresh(&capture, told) {
            return None;
        }
        self.remember(subject, &capture, told);
        Some(capture)
    }

    fn learn(&mut self, subject: &Subject, capture: &Capture) {
        let now = Instant::now();
        if let Capture::Unknown | Capture::Untold = capture {
            let known = (capture.clone(), now);
            self.subjects.entry(subject.clone()).or_insert(known);
            return;
        }
        self.forget(subject);
        if let Capture::By(facts) = capture {
            self.streams.retain(|(known, _)| known.name != facts.name);
            self.streams.push((Arc::clone(facts), now));
        }
        self.remember(subject, capture, now);
    }

    fn forget(&mut self, subject: &Subject) {
        let Some((Capture::By(wrong), _)) = self.subjects.remove(subject) else {
            return;
        };
        self.streams.retain(|(facts, _)| facts.name != wrong.name);
        self.subjects.retain(
            |_, (capture, _)| !matches!(capture, Capture::By(facts) if facts.name == wrong.name),
        );
    }

    fn remember(&mut self, subject: &Subject, capture: &Capture, told: Instant) {
        if self.subjects.len() >= MOST_SUBJECTS {
            self.subjects.clear();
        }
        let known = (capture.clone(), told);
        self.subjects.insert(subject.clone(), known);
    }
}

/// What is as it should be stays known until something goes wrong; the rest an operator may be
/// changing right now.
fn is_fresh(capture: &Capture, told: Instant) -> bool {
    match capture {
        Capture::By(facts) if !facts.no_ack => true,
        Capture::By(_) | Capture::Nobody => told.elapsed() < RECHECK,
        Capture::Unknown | Capture::Untold => told.elapsed() < RECHECK_UNKNOWN,
    }
}

const RECHECK: Duration = Duration::from_secs(1);
const RECHECK_UNKNOWN: Duration = Duration::from_secs(30);
const MOST_SUBJECTS: usize = 4096;
