//! Conversions to and from the event of `cloudevents-sdk`, so that hosts may build with it.

use cloudevents::event::{Data as SdkData, ExtensionValue};
use cloudevents::{AttributesReader as _, EventBuilder as _, EventBuilderV10};

use crate::event::EventBuilder;
use crate::json::{Lexer, TokenKind};
use crate::{Data, Event, Extension, MediaType, Problem, Violations};

impl TryFrom<cloudevents::Event> for Event {
    type Error = Violations;

    /// Checks what the SDK does not: every violation is reported. JSON data is written compactly,
    /// since the SDK keeps values and not bytes.
    fn try_from(event: cloudevents::Event) -> Result<Self, Violations> {
        let mut draft = EventBuilder::empty()
            .id(event.id())
            .source(event.source().as_str())
            .kind(event.ty());
        if let Some(media_type) = event.datacontenttype() {
            draft = draft.data_content_type(media_type);
        }
        if let Some(schema) = event.dataschema() {
            draft = draft.data_schema(schema.as_str());
        }
        if let Some(subject) = event.subject() {
            draft = draft.subject(subject);
        }
        if let Some(time) = event.time() {
            draft = draft.time(&time.to_rfc3339());
        }
        for (name, value) in event.iter_extensions() {
            draft = match value {
                ExtensionValue::String(text) => draft.extension(name, text),
                ExtensionValue::Boolean(value) => draft.boolean_extension(name, *value),
                ExtensionValue::Integer(number) => {
                    let integer = i32::try_from(*number).map(Extension::Integer);
                    let problem = Problem::MustBe("a whole number of 32 bits");
                    draft.typed_extension(name, integer.map_err(|_| problem))
                }
            };
        }
        with_data(draft, event.data()).build()
    }
}

impl TryFrom<&Event> for cloudevents::Event {
    type Error = Violations;

    /// Fails where the SDK cannot hold the event: numbers whose digits it would change, a media
    /// type or a schema without data. Bytes without a media type become
    /// `application/octet-stream`, since the SDK would take them for JSON.
    fn try_from(event: &Event) -> Result<Self, Violations> {
        let mut draft = EventBuilderV10::new()
            .id(event.id().as_str())
            .source(event.source().as_str())
            .ty(event.kind().as_str());
        if let Some(subject) = event.subject() {
            draft = draft.subject(subject.as_str());
        }
        if let Some(time) = event.time() {
            draft = draft.time(time.as_str());
        }
        for (name, value) in event.extensions() {
            let value = match value {
                Extension::Boolean(value) => ExtensionValue::Boolean(*value),
                Extension::Integer(number) => ExtensionValue::Integer(i64::from(*number)),
                Extension::String(text) => ExtensionValue::String(text.to_string()),
            };
            draft = draft.extension(name.as_str(), value);
        }
        let data = match event.data() {
            None => None,
            Some(Data::Json(text)) => Some(SdkData::Json(json_value(text.as_str())?)),
            Some(Data::Text(text)) => Some(SdkData::String(text.to_string())),
            Some(Data::Binary(bytes)) => Some(SdkData::Binary(bytes.to_vec())),
        };
        let implied = match event.data() {
            Some(Data::Binary(_)) => "application/octet-stream",
            _ => "application/json",
        };
        let declared = event.data_content_type().map_or(implied, MediaType::as_str);
        let typed = event.data_content_type().is_some() || event.data_schema().is_some();
        if data.is_none() && typed {
            let rule = "there, since the SDK keeps no media type and no schema without it";
            return Err(Violations::one("data", Problem::MustBe(rule)));
        }
        let draft = match (data, event.data_schema()) {
            (Some(data), Some(schema)) => draft.data_with_schema(declared, schema.as_str(), data),
            (Some(data), None) => draft.data(declared, data),
            (None, _) => draft,
        };
        draft
            .build()
            .map_err(|_| Violations::one("event", Problem::MustBe("known to the SDK")))
    }
}

/// The value, provided that writing it gives the same numbers again.
fn json_value(text: &str) -> Result<serde_json::Value, Violations> {
    let refused = || {
        Violations::one(
            "data",
            Problem::MustBe("of numbers that the SDK keeps as they are"),
        )
    };
    let value: serde_json::Value = serde_json::from_str(text).map_err(|_| refused())?;
    // Objects change their members' order, so the numbers are compared as a sorted list.
    if numbers(text) == numbers(&value.to_string()) {
        Ok(value)
    } else {
        Err(refused())
    }
}

fn numbers(text: &str) -> Vec<String> {
    let mut lexer = Lexer::new(text);
    let mut numbers = Vec::new();
    while let Ok(Some(token)) = lexer.next_token() {
        if token.kind == TokenKind::Number {
            numbers.push(token.raw.to_owned());
        }
    }
    numbers.sort();
    numbers
}

fn with_data(draft: EventBuilder, data: Option<&SdkData>) -> EventBuilder {
    let json = draft.declared_media_type().is_none_or(MediaType::is_json);
    match data {
        None => draft,
        Some(SdkData::Json(value)) => draft.json(&value.to_string()),
        Some(SdkData::String(text)) if json => draft.json(text),
        Some(SdkData::String(text)) => draft.text(text),
        // The SDK keeps JSON that it was handed as bytes in this form too.
        Some(SdkData::Binary(bytes)) => draft.binary(bytes.clone()),
    }
}
