use std::fmt;
use std::sync::Arc;

use events_core::subject::Subject;
use events_core::{Outcome, WireEvent};

/// An event as subscribers get it: sealed, with the subject it was or would be published to.
///
/// One for all subscribers; a clone is a reference count.
#[derive(Clone)]
pub struct Heard(Arc<Inner>);

/// What comes of a subscription.
#[derive(Clone, Debug)]
pub enum Item {
    /// An event.
    Event(Heard),
    /// Events that will not come.
    Lagged {
        /// How many; `None` where nobody knows, since what brings them from elsewhere broke off.
        missed: Option<u64>,
    },
    /// The last item of a subscription that lagged and was to be disconnected for it.
    Disconnected,
}

impl Heard {
    /// An event of that subject.
    #[must_use]
    pub fn new(subject: Subject, event: WireEvent) -> Self {
        Self::after(None, subject, event)
    }

    /// An event that became this, where that is known.
    pub(crate) fn after(outcome: Option<&Outcome>, subject: Subject, event: WireEvent) -> Self {
        let spilled = matches!(outcome, Some(Outcome::Spilled(_)));
        Self(Arc::new(Inner {
            subject,
            event,
            spilled,
        }))
    }

    /// The subject.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.0.subject
    }

    /// The event.
    #[must_use]
    pub fn event(&self) -> &WireEvent {
        &self.0.event
    }

    /// Whether it waits on disk for its destination: the chain of this bus spilled it. Of what
    /// comes from elsewhere nobody knows.
    #[must_use]
    pub fn is_spilled(&self) -> bool {
        self.0.spilled
    }

    /// The event's type.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.0.event.attributes().kind().as_str()
    }
}

impl Item {
    /// The event, where it is one.
    #[must_use]
    pub fn event(&self) -> Option<&WireEvent> {
        match self {
            Self::Event(heard) => Some(heard.event()),
            Self::Lagged { .. } | Self::Disconnected => None,
        }
    }
}

impl fmt::Debug for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Heard({:?})", self.event())
    }
}

struct Inner {
    subject: Subject,
    event: WireEvent,
    spilled: bool,
}
