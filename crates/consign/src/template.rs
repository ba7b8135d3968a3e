//! Events as people want them on a line: `{time} {type} {data.user}`.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::human::safe;

/// How an event is printed. `{name}` stands for an attribute, `{data}` for its data and
/// `{data.user.0}` for a part of it, `{{` and `}}` for braces, `\t` and `\n` for a tab and a line
/// end.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Template {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Piece {
    Text(String),
    /// The names that lead to a value, from the event on.
    Value(Vec<String>),
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text.chars().peekable();
        while let Some(character) = rest.next() {
            match character {
                '{' | '}' if rest.next_if_eq(&character).is_some() => plain.push(character),
                '}' => return Err("a } opens nothing it could close; }} stands for a brace"),
                '{' => {
                    let name: String = rest.by_ref().take_while(|next| *next != '}').collect();
                    if !plain.is_empty() {
                        pieces.push(Piece::Text(std::mem::take(&mut plain)));
                    }
                    pieces.push(Piece::Value(path(&name)?));
                }
                '\\' if rest.next_if_eq(&'t').is_some() => plain.push('\t'),
                '\\' if rest.next_if_eq(&'n').is_some() => plain.push('\n'),
                other => plain.push(other),
            }
        }
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(Self { pieces })
    }

    /// The event on a line. Texts stand without quotes, all else as its JSON; what the event does
    /// not have is a `-`. Nothing of the event is obeyed by a terminal.
    pub(crate) fn render(&self, event: &[u8]) -> String {
        let whole: Option<&RawValue> = serde_json::from_slice(event).ok();
        let mut line = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => line.push_str(text),
                Piece::Value(path) => match whole.and_then(|whole| value(whole, path)) {
                    Some(text) => line.push_str(&safe(&text)),
                    None => line.push('-'),
                },
            }
        }
        line
    }
}

fn path(name: &str) -> Result<Vec<String>, &'static str> {
    let names: Vec<String> = name.split('.').map(str::to_owned).collect();
    let is_data = names.first().is_some_and(|first| first == "data");
    if names.iter().any(String::is_empty) {
        Err("{} takes a name, such as {type} or {data.user}, and ends with }")
    } else if names.len() > 1 && !is_data {
        Err("only data has parts: {data.user}")
    } else {
        Ok(names)
    }
}

/// What `path` leads to, in words. Numbers stay as they were written.
fn value(whole: &RawValue, path: &[String]) -> Option<String> {
    let Some((name, rest)) = path.split_first() else {
        return Some(match serde_json::from_str(whole.get()) {
            Ok(text) => text,
            Err(_) => whole.get().to_owned(),
        });
    };
    if whole.get().starts_with('[') {
        let items: Vec<&RawValue> = serde_json::from_str(whole.get()).ok()?;
        return value(items.get(name.parse::<usize>().ok()?)?, rest);
    }
    let fields: BTreeMap<String, &RawValue> = serde_json::from_str(whole.get()).ok()?;
    value(fields.get(name)?, rest)
}

#[cfg(test)]
mod tests {
    use super::Template;

    const EVENT: &str = r#"{"specversion":"1.0","type":"demo.hello","id":"7","tenantid":"t1",
        "data":{"user":"bo\u001b[2Jb","n":1.10,"list":[{"a":true},null],"a.b":1}}"#;

    fn rendered(template: &str) -> String {
        let template = Template::parse(template).unwrap();
        template.render(EVENT.as_bytes())
    }

    #[test]
    fn values_stand_where_their_names_were() {
        for (template, line) in [
            ("{type} {id}", "demo.hello 7"),
            ("{tenantid}\\t{{{data.n}}}", "t1\t{1.10}"),
            ("{data.list.0.a} {data.list.1}", "true null"),
            ("{data.list}", r#"[{"a":true},null]"#),
            (
                "{subject} {data.none.x} {data.list.9} {data.n.x}",
                "- - - -",
            ),
            ("{data.user}", "bo\\u{1b}[2Jb"),
            ("", ""),
            ("é\\x", "é\\x"),
        ] {
            assert_eq!(rendered(template), line, "{template}");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for bad in ["{", "}", "{}", "{data.}", "{type.x}", "a}b", "{{}"] {
            assert!(Template::parse(bad).is_err(), "{bad}");
        }
    }
}
