use serde_json::{Map, Value, json};

use crate::settings::names::rows;
use crate::settings::row::Row;
use crate::settings::values::Form;

/// The JSON Schema (draft 2020-12) of the TOML file.
#[must_use]
pub fn schema() -> Value {
    let mut properties = Map::new();
    for row in rows() {
        let Some(key) = row.key() else { continue };
        if row.is_secret() {
            let what = format!("The file that holds {key}.");
            let path = json!({ "type": "string", "description": what });
            properties.insert(format!("{key}_file"), path);
        }
        properties.insert(key, property(row));
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Consign settings",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    })
}

fn property(row: &Row) -> Value {
    let mut property = Map::new();
    property.insert(
        "description".to_owned(),
        format!("{} {}.", row.doc(), row.accepts()).into(),
    );
    match row.form {
        Form::Flag => drop(property.insert("type".to_owned(), "boolean".into())),
        Form::Number => drop(property.insert("type".to_owned(), "integer".into())),
        Form::Words(words) => drop(property.insert("enum".to_owned(), words.into())),
        Form::Text { .. } => {
            drop(property.insert("type".to_owned(), json!(["string", "integer"])));
        }
        Form::List { .. } => {
            let texts = json!({ "type": "array", "items": { "type": "string" } });
            property.insert("anyOf".to_owned(), json!([{ "type": "string" }, texts]));
        }
        Form::Secret => {
            property.insert("type".to_owned(), "string".into());
            property.insert("writeOnly".to_owned(), true.into());
        }
    }
    if let Some(default) = row.default {
        let default = match row.form {
            Form::Flag => (default == "true").into(),
            Form::Number => default.parse::<u64>().map_or(Value::Null, Value::from),
            _ => default.into(),
        };
        property.insert("default".to_owned(), default);
    }
    Value::Object(property)
}
