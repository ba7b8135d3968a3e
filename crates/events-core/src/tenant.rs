use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use memchr::memmem;

use crate::json::{JsonText, Lexer, TokenKind, decode_string};
use crate::{Data, Event, Extension, MediaType, Problem, Violations};

/// A tenant's name, safe as one token of a subject: `[A-Za-z0-9_-]`, 1 to 64 characters.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TenantId {
    /// Padded with zeros, which no name holds, so that order and equality are those of the names.
    bytes: [u8; Self::MAX_LENGTH],
    length: u8,
}

impl TenantId {
    /// The tenant of events that name none.
    pub const DEFAULT: &'static str = "single";

    /// The tenant that `event` names: extension `tenantid`, else `tenantId` of its JSON data.
    ///
    /// # Errors
    /// A name that is there and malformed is refused, never replaced by a default.
    pub fn named_by(event: &Event) -> Result<Option<Self>, Violations> {
        if let Some(value) = event.extension(Self::ATTRIBUTE) {
            return match value {
                Extension::String(name) => name.parse().map(Some),
                _ => Err(refused()),
            };
        }
        match event.data() {
            Some(Data::Json(text)) => named_by_data(text.as_str()),
            Some(Data::Binary(bytes)) if declares_json(event) => {
                // What is no JSON, whatever it is declared as, names nobody.
                JsonText::from_bytes(bytes).map_or(Ok(None), |text| named_by_data(text.as_str()))
            }
            _ => Ok(None),
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let name = self
            .bytes
            .get(..usize::from(self.length))
            .unwrap_or_default();
        std::str::from_utf8(name).unwrap_or_default()
    }

    /// The extension attribute that names it.
    pub const ATTRIBUTE: &'static str = "tenantid";

    const MAX_LENGTH: usize = 64;

    /// The name's own check is the caller's.
    fn from_checked(name: &str) -> Option<Self> {
        let mut bytes = [0; Self::MAX_LENGTH];
        bytes
            .get_mut(..name.len())?
            .copy_from_slice(name.as_bytes());
        Some(Self {
            bytes,
            length: u8::try_from(name.len()).ok()?,
        })
    }
}

impl Default for TenantId {
    fn default() -> Self {
        Self::from_checked(Self::DEFAULT).unwrap_or(Self {
            bytes: [0; 64],
            length: 0,
        })
    }
}

impl FromStr for TenantId {
    type Err = Violations;

    fn from_str(name: &str) -> Result<Self, Violations> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if name.is_empty() || !name.bytes().all(allowed) {
            return Err(refused());
        }
        Self::from_checked(name).ok_or_else(refused)
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TenantId({self})")
    }
}

/// The value of the member `tenantId` of an object. The text passed the lexer before.
fn named_by_data(text: &str) -> Result<Option<TenantId>, Violations> {
    // Most data names no tenant, and a search is much cheaper than reading it token by token.
    let bytes = text.as_bytes();
    if memmem::find(bytes, b"tenantId").is_none() && memmem::find(bytes, b"\\u").is_none() {
        return Ok(None);
    }
    let mut lexer = Lexer::new(text);
    let Ok(Some(start)) = lexer.next_token() else {
        return Ok(None);
    };
    if start.kind != TokenKind::ObjectStart {
        return Ok(None);
    }
    while let Ok(Some(key)) = lexer.next_token() {
        if key.kind != TokenKind::Key {
            return Ok(None);
        }
        if decode_string(key.raw) == "tenantId" {
            let name = match lexer.next_token() {
                Ok(Some(value)) if value.kind == TokenKind::String => decode_string(value.raw),
                _ => Cow::Borrowed(""),
            };
            return name.parse().map(Some);
        }
        if lexer.skip_value().is_err() {
            return Ok(None);
        }
    }
    Ok(None)
}

fn declares_json(event: &Event) -> bool {
    event.data_content_type().is_some_and(MediaType::is_json)
}

fn refused() -> Violations {
    Violations::one(
        TenantId::ATTRIBUTE,
        Problem::MustBe("1 to 64 of A-Z, a-z, 0-9, _ and -"),
    )
}
