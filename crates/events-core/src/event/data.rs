use std::fmt;

use bytes::Bytes;

use super::MediaType;
use crate::Problem;
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

/// The JSON format reads `data` by its media type, so a form that contradicts the type would come
/// back as another value.
pub(super) fn misdeclared(declared: Option<&MediaType>, data: Option<&Data>) -> Option<Problem> {
    let json = declared.is_none_or(MediaType::is_json);
    match data {
        Some(Data::Text(_)) if json => {
            Some(Problem::MustBe("declared as a media type other than JSON"))
        }
        Some(Data::Json(text)) if !json && text.as_str().starts_with('"') => {
            Some(Problem::MustBe("declared as JSON"))
        }
        _ => None,
    }
}
