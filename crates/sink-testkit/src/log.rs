use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Metadata, Subscriber};

/// Hears what is logged on this thread, at every level, until it is dropped.
///
/// Tasks of a current-thread runtime are heard; threads of a sink's own are not.
#[derive(Debug)]
pub struct Log {
    lines: Arc<Mutex<String>>,
    _listening: DefaultGuard,
}

impl Log {
    /// Starts to listen.
    #[must_use]
    pub fn listen() -> Self {
        let lines = Arc::<Mutex<String>>::default();
        let ear = Ear(lines.clone());
        Self {
            lines,
            _listening: tracing::subscriber::set_default(ear),
        }
    }

    /// What was logged so far: for each event and span a line of fields, `name=value`, the words
    /// of an event under the name `message`.
    #[must_use]
    pub fn text(&self) -> String {
        self.lines
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

struct Ear(Arc<Mutex<String>>);

impl Ear {
    fn write(&self, record: impl FnOnce(&mut Line<'_>)) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        record(&mut Line(&mut lines));
        lines.push('\n');
    }
}

impl Subscriber for Ear {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.write(|line| span.record(line));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        self.write(|line| values.record(line));
    }

    fn event(&self, event: &Event<'_>) {
        self.write(|line| event.record(line));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.push_str(&format!("{}={value:?} ", field.name()));
    }
}

#[cfg(test)]
mod tests {
    use super::Log;

    #[test]
    fn events_and_spans_are_heard_while_it_listens() {
        let log = Log::listen();
        tracing::trace!(what = "a", "words");
        let _span = tracing::info_span!("s", inside = 7).entered();
        assert_eq!(log.text(), "message=words what=\"a\" \ninside=7 \n");
    }
}
