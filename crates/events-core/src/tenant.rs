use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use crate::json::{Lexer, TokenKind, decode_string};
use crate::{Data, Event, Extension, Problem, Violations};

/// A tenant's name, safe as one token of a subject: `[A-Za-z0-9_-]`, 1 to 64 characters.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TenantId(Box<str>);

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
            _ => Ok(None),
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) const ATTRIBUTE: &'static str = "tenantid";
}

impl Default for TenantId {
    fn default() -> Self {
        Self(Self::DEFAULT.into())
    }
}

impl FromStr for TenantId {
    type Err = Violations;

    fn from_str(name: &str) -> Result<Self, Violations> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if (1..=64).contains(&name.len()) && name.bytes().all(allowed) {
            Ok(Self(name.into()))
        } else {
            Err(refused())
        }
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The value of the member `tenantId` of an object. The text passed the lexer before.
fn named_by_data(text: &str) -> Result<Option<TenantId>, Violations> {
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

fn refused() -> Violations {
    Violations::one(
        TenantId::ATTRIBUTE,
        Problem::MustBe("1 to 64 of A-Z, a-z, 0-9, _ and -"),
    )
}
