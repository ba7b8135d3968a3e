use thiserror::Error;

/// Why a text is not acceptable JSON, and where. Never quotes the text.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("{problem} at byte {offset}")]
pub struct JsonError {
    /// What is wrong.
    pub problem: JsonProblem,
    /// Bytes from the start of the text to the fault.
    pub offset: usize,
}

impl JsonError {
    pub(crate) const fn new(problem: JsonProblem, offset: usize) -> Self {
        Self { problem, offset }
    }
}

/// The kinds of fault in a JSON text.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum JsonProblem {
    /// The bytes are not UTF-8 (RFC 8259 section 8.1).
    #[error("invalid UTF-8")]
    Utf8,
    /// The text ends inside a value.
    #[error("unexpected end of the text")]
    Truncated,
    /// A byte stands where the grammar allows none such.
    #[error("unexpected character")]
    Unexpected,
    /// Something other than white space follows the value.
    #[error("text after the value")]
    Trailing,
    /// A number breaks the grammar of RFC 8259 section 6.
    #[error("malformed number")]
    Number,
    /// A control character stands unescaped in a string.
    #[error("unescaped control character in a string")]
    Control,
    /// A backslash starts no known escape.
    #[error("malformed escape in a string")]
    Escape,
    /// An escape names half of a surrogate pair.
    #[error("lone surrogate in a string")]
    Surrogate,
    /// An object holds the same key twice, however it is escaped.
    #[error("duplicate object key")]
    DuplicateKey,
    /// Arrays and objects nest deeper than [`MAX_DEPTH`](super::MAX_DEPTH).
    #[error("nesting deeper than 64")]
    Depth,
}
