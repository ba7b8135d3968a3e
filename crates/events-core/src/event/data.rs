use std::fmt;

use bytes::Bytes;

use crate::json::JsonText;

/// The payload of an event, in the form that keeps its bytes. Debug shows form and length alone.
#[derive(Clone, Eq, PartialEq)]
pub enum Data {
    /// A JSON value, verbatim.
    Json(JsonText),
    /// Text that is not JSON.
    Text(Box<str>),
    /// Bytes, carried as base64 in JSON.
    Binary(Bytes),
}

impl Data {
    /// The bytes that a signature covers: JSON and text as they stand, binary decoded.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Json(text) => text.as_str().as_bytes(),
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let form = match self {
            Self::Json(_) => "Json",
            Self::Text(_) => "Text",
            Self::Binary(_) => "Binary",
        };
        write!(f, "{form}({} bytes)", self.as_bytes().len())
    }
}
