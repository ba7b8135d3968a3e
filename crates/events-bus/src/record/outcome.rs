/// What came of an action.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RecordOutcome {
    /// `success`
    Success,
    /// `failure`
    Failure,
    /// `timeout`
    Timeout,
    /// Another word.
    Other(Box<str>),
}

impl RecordOutcome {
    /// The word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Timeout => "timeout",
            Self::Other(word) => word,
        }
    }
}

impl From<&str> for RecordOutcome {
    fn from(word: &str) -> Self {
        match word {
            "success" => Self::Success,
            "failure" => Self::Failure,
            "timeout" => Self::Timeout,
            other => Self::Other(other.into()),
        }
    }
}
