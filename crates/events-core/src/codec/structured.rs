//! Structured mode: one event as a JSON object (CloudEvents JSON format, sections 2 and 3).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{DecodeError, Limits};
use crate::event::EventBuilder;
use crate::json::{JsonError, JsonText, Lexer, MAX_DEPTH, Token, TokenKind, decode_string, utf8};
use crate::{Data, Event, Extension, MediaType, Problem, Violations};

/// Reads one event.
///
/// # Errors
/// [`DecodeError::TooLarge`] past the limit, else [`DecodeError::Invalid`] with every violation.
/// A text that is no acceptable JSON is one violation, since nothing after it can be trusted.
pub fn decode(bytes: &[u8], limits: Limits) -> Result<Event, DecodeError> {
    DecodeError::check_size(bytes, limits)?;
    let malformed = |error: JsonError| Violations::one("event", Problem::Json(error));
    let text = utf8(bytes).map_err(malformed)?;
    Ok(read_object(text).map_err(malformed)??)
}

/// Writes one event on one line, as it stands: without preparing or sealing it.
///
/// For tools and tests. What leaves a chain is encoded by [`seal`](crate::EventSinkExt::seal).
#[must_use]
pub fn encode(event: &Event) -> String {
    crate::wire::encode_structured(event)
}

fn read_object(text: &str) -> Result<Result<Event, Violations>, JsonError> {
    // The event's own object does not count: what its data may hold, it must hold anywhere.
    let mut lexer = Lexer::within(text, MAX_DEPTH + 1);
    let Some(start) = lexer.next_token()? else {
        return Ok(Err(not_an_object()));
    };
    if start.kind != TokenKind::ObjectStart {
        // The fault to report first is in the JSON, where there is one.
        while lexer.next_token()?.is_some() {}
        return Ok(Err(not_an_object()));
    }
    let mut draft = Draft::default();
    while let Some(key) = lexer.next_token()? {
        if key.kind != TokenKind::Key {
            continue;
        }
        let name = decode_string(key.raw);
        if name == "data" {
            let span = lexer.skip_value()?;
            draft.data = Some(text.get(span).unwrap_or_default());
        } else {
            let value = lexer.next_token()?;
            let nested = matches!(
                value.as_ref().map(|token| token.kind),
                Some(TokenKind::ObjectStart | TokenKind::ArrayStart)
            );
            while nested && lexer.depth() > 1 {
                lexer.next_token()?;
            }
            if let Some(value) = value {
                draft.attribute(&name, &value);
            }
        }
    }
    Ok(draft.finish())
}

/// An event while its members are read, in whatever order they come.
struct Draft<'a> {
    event: EventBuilder,
    specified: bool,
    data: Option<&'a str>,
    base64: Option<&'a str>,
}

impl Default for Draft<'_> {
    fn default() -> Self {
        Self {
            event: EventBuilder::empty(),
            specified: false,
            data: None,
            base64: None,
        }
    }
}

impl<'a> Draft<'a> {
    fn attribute(&mut self, name: &str, value: &Token<'a>) {
        if value.kind == TokenKind::Null {
            return;
        }
        if name == "data_base64" {
            match value.kind {
                TokenKind::String => self.base64 = Some(value.raw),
                _ => self.event.violate(name, Problem::WrongType("a string")),
            }
            return;
        }
        let event = std::mem::replace(&mut self.event, EventBuilder::empty());
        let text = || decode_string(value.raw);
        self.event = match (name, value.kind) {
            ("specversion", TokenKind::String) => {
                self.specified = true;
                check_version(event, &text())
            }
            ("id", TokenKind::String) => event.id(&text()),
            ("source", TokenKind::String) => event.source(&text()),
            ("type", TokenKind::String) => event.kind(&text()),
            ("datacontenttype", TokenKind::String) => event.data_content_type(&text()),
            ("dataschema", TokenKind::String) => event.data_schema(&text()),
            ("subject", TokenKind::String) => event.subject(&text()),
            ("time", TokenKind::String) => event.time(&text()),
            (
                "specversion" | "id" | "source" | "type" | "datacontenttype" | "dataschema"
                | "subject" | "time",
                _,
            ) => {
                self.specified |= name == "specversion";
                let mut event = event;
                event.violate(name, Problem::WrongType("a string"));
                event
            }
            _ => event.typed_extension(name, extension(value)),
        };
    }

    fn finish(mut self) -> Result<Event, Violations> {
        if !self.specified {
            self.event.violate("specversion", Problem::Missing);
        }
        let data = match (self.data, self.base64) {
            (Some(_), Some(_)) => {
                self.event
                    .violate("data", Problem::MustNot("stand beside data_base64"));
                None
            }
            (Some(text), None) => Some(json_data(text, self.event.declared_media_type())),
            (None, Some(raw)) => match STANDARD.decode(decode_string(raw).as_bytes()) {
                Ok(bytes) => Some(Data::Binary(bytes.into())),
                Err(_) => {
                    self.event
                        .violate("data_base64", Problem::MustBe("base64 (RFC 4648)"));
                    None
                }
            },
            (None, None) => None,
        };
        match data {
            Some(data) => self.event.data(data).build(),
            None => self.event.build(),
        }
    }
}

/// A value of `data`. Declared as something other than JSON, a string is the text itself
/// (JSON format, section 3.1); any other value is kept as JSON.
fn json_data(text: &str, declared: Option<&MediaType>) -> Data {
    let json = declared.is_none_or(MediaType::is_json);
    if !json && text.starts_with('"') {
        return Data::Text(decode_string(text).into());
    }
    Data::Json(JsonText::from_checked(text))
}

fn extension(value: &Token<'_>) -> Result<Extension, Problem> {
    match value.kind {
        TokenKind::String => Extension::text(&decode_string(value.raw)),
        TokenKind::True => Ok(Extension::Boolean(true)),
        TokenKind::False => Ok(Extension::Boolean(false)),
        TokenKind::Number => match value.raw.parse() {
            Ok(number) => Ok(Extension::Integer(number)),
            Err(_) => Err(Problem::MustBe("a whole number of 32 bits")),
        },
        _ => Err(Problem::WrongType("a string, a Boolean or a whole number")),
    }
}

fn check_version(mut event: EventBuilder, version: &str) -> EventBuilder {
    if version != "1.0" {
        event.violate("specversion", Problem::MustBe("\"1.0\""));
    }
    event
}

fn not_an_object() -> Violations {
    Violations::one("event", Problem::WrongType("a JSON object"))
}
