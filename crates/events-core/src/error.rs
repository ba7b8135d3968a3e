use std::error::Error;
use std::fmt;
use std::sync::Arc;

use crate::Violations;

/// What went wrong with an event on its way, told by what the caller can do next.
///
/// Display says what was being done (`publish to jetstream`) and nothing of the cause, which
/// stands behind [`source`](Error::source). Neither ever holds a value of an event.
/// Cloning is a reference count, since one fault can meet a whole batch.
#[derive(Clone)]
pub struct SinkError(Arc<Inner>);

/// What the caller of a sink can do about an error.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum ErrorKind {
    /// This event will never work as it is. Refused to the caller, never stored.
    Invalid,
    /// The destination refuses this event for good, by size or policy.
    Rejected,
    /// The destination cannot be reached or did not answer. Try again later.
    Unavailable,
    /// The destination has no room now. Try again, backing off.
    Saturated,
    /// The operator has to change something first.
    Config,
}

impl SinkError {
    /// An error of `kind` met while `doing` something: lower case, a verb first, no full stop.
    #[must_use]
    pub fn new(kind: ErrorKind, doing: &'static str) -> Self {
        Self(Arc::new(Inner {
            kind,
            doing,
            source: None,
        }))
    }

    /// The same with its cause, which must not hold any value of an event.
    #[must_use]
    pub fn caused(
        kind: ErrorKind,
        doing: &'static str,
        source: impl Error + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Inner {
            kind,
            doing,
            source: Some(Box::new(source)),
        }))
    }

    /// An event refused for what it is, with everything that is wrong with it.
    #[must_use]
    pub fn invalid(violations: Violations) -> Self {
        Self::caused(ErrorKind::Invalid, "accept the event", violations)
    }

    /// A sink broke the port's promise of one result for each event.
    #[must_use]
    pub fn unanswered() -> Self {
        let doing = "get an answer from the sink for every event";
        Self::new(ErrorKind::Unavailable, doing)
    }

    /// What the caller can do about it.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What was being done.
    #[must_use]
    pub fn doing(&self) -> &'static str {
        self.0.doing
    }

    /// Everything that is wrong with the event, where that is why it was refused.
    #[must_use]
    pub fn violations(&self) -> Option<&Violations> {
        self.source()?.downcast_ref()
    }
}

impl fmt::Display for SinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.doing)
    }
}

impl fmt::Debug for SinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {self}", self.0.kind)?;
        let mut cause = self.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl Error for SinkError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|source| source as &(dyn Error + 'static))
    }
}

impl ErrorKind {
    /// Whether the same event may succeed later with nobody's help. The only retry oracle.
    #[must_use]
    pub const fn is_transient(self) -> bool {
        match self {
            Self::Unavailable | Self::Saturated => true,
            Self::Invalid | Self::Rejected | Self::Config => false,
        }
    }

    /// The kind as one lower-case word, for answers, logs and labels.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Rejected => "rejected",
            Self::Unavailable => "unavailable",
            Self::Saturated => "saturated",
            Self::Config => "config",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

struct Inner {
    kind: ErrorKind,
    doing: &'static str,
    source: Option<Box<dyn Error + Send + Sync>>,
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::{ErrorKind, SinkError};

    #[test]
    fn display_prints_its_own_level_and_debug_the_chain() {
        let error = SinkError::caused(
            ErrorKind::Unavailable,
            "append to the journal",
            io::Error::from(io::ErrorKind::TimedOut),
        );
        assert_eq!(error.to_string(), "append to the journal");
        assert_eq!(
            format!("{error:?}"),
            "Unavailable: append to the journal: timed out"
        );
    }

    #[test]
    fn an_error_is_one_pointer_wide() {
        assert_eq!(size_of::<SinkError>(), size_of::<usize>());
    }

    #[test]
    fn only_unavailable_and_saturated_are_transient() {
        let kinds = [
            ErrorKind::Invalid,
            ErrorKind::Rejected,
            ErrorKind::Unavailable,
            ErrorKind::Saturated,
            ErrorKind::Config,
        ];
        let transient: Vec<_> = kinds
            .into_iter()
            .filter(|kind| kind.is_transient())
            .collect();
        assert_eq!(transient, [ErrorKind::Unavailable, ErrorKind::Saturated]);
    }
}
