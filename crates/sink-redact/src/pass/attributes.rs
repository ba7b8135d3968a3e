use std::str::FromStr;

use events_core::{
    Event, EventId, EventSubject, Extension, ExtensionName, MediaType, Problem, SchemaUri, Source,
    Violation,
};

use super::joined::Joined;
use super::{FIELD, KEY, OverBudget, Pass, Place, Style, UNSCANNED};
use crate::edit::RuleName;
use crate::find::{is_placeholder, is_replacement};

impl Pass<'_> {
    /// Redacts the context attributes. Refuses an event with a secret where nothing can take its
    /// place: in the type, in the tenant, in the name of an extension attribute.
    pub(crate) fn attributes(&mut self, event: &mut Event, refused: &mut Vec<Violation>) {
        let joined = Joined::of(event);
        if joined.is_some_and(|joined| !self.is_suspect_behind_escapes(joined.as_bytes())) {
            return;
        }
        if self.rewritten(event.kind().as_str(), Style::Mark).is_some() {
            refused.push(holds_secret("type"));
        }
        if let Some(new) = self.rewritten(event.id().as_str(), Style::Token) {
            parse::<EventId>("id", &new.text, refused, |id| event.set_id(id));
        }
        if let Some(new) = self.rewritten(event.source().as_str(), Style::Token) {
            // A source can make a subject, and what was not scanned makes none.
            if new.scanned {
                parse::<Source>("source", &new.text, refused, |source| {
                    event.set_source(source)
                });
            } else {
                refused.push(holds_secret("source"));
            }
        }
        let text = event.subject().map(EventSubject::as_str);
        if let Some(new) = text.and_then(|text| self.rewritten(text, Style::Mark)) {
            parse("subject", &new.text, refused, |subject| {
                event.set_subject(Some(subject))
            });
        }
        let text = event.data_schema().map(SchemaUri::as_str);
        if let Some(new) = text.and_then(|text| self.rewritten(text, Style::Token)) {
            parse("dataschema", &new.text, refused, |schema| {
                event.set_data_schema(Some(schema))
            });
        }
        let text = event.data_content_type().map(MediaType::as_str);
        if let Some(new) = text.and_then(|text| self.rewritten(text, Style::Mark)) {
            parse("datacontenttype", &new.text, refused, |media_type| {
                event.set_data_content_type(Some(media_type));
            });
        }
        self.extensions(event, refused);
    }

    fn extensions(&mut self, event: &mut Event, refused: &mut Vec<Violation>) {
        let mut changes: Vec<(ExtensionName, String)> = Vec::new();
        for (name, value) in event.extensions() {
            if self.rewritten(name.as_str(), Style::Mark).is_some() {
                refused.push(holds_secret("an extension attribute"));
                continue;
            }
            let new = match self.rule_for(name.as_str(), value) {
                Some(rule) => Some(self.whole_attribute(name.as_str(), value, rule)),
                None => self.rewritten(&value.to_canonical(), style_of(name.as_str())),
            };
            let makes_subjects = matches!(name.as_str(), TENANT | "specid" | "runid");
            match new {
                None => {}
                Some(new) if name.as_str() == TENANT || makes_subjects && !new.scanned => {
                    refused.push(holds_secret(name.as_str()));
                }
                Some(new) => changes.push((name.clone(), new.text)),
            }
        }
        for (name, text) in changes {
            match Extension::text(&text) {
                Ok(value) => drop(event.set_extension(name, value)),
                Err(_) => refused.push(holds_secret(name.as_str())),
            }
        }
    }

    /// The rule that takes the whole value of an extension attribute because of its name.
    fn rule_for(&self, name: &str, value: &Extension) -> Option<RuleName> {
        let text = value.to_canonical();
        let bytes = text.as_bytes();
        if name == TENANT || is_replacement(bytes) {
            return None;
        }
        if self.rules.fields.names(name) {
            return Some(FIELD);
        }
        let is_secret = !is_placeholder(bytes) && !self.rules.finder.allows(bytes);
        (is_secret && self.rules.names.matches(name)).then_some(KEY)
    }

    fn whole_attribute(&mut self, name: &str, value: &Extension, rule: RuleName) -> Rewritten {
        let text = self.replacement(style_of(name), &rule, value.to_canonical().as_bytes());
        self.redactions.count(rule);
        Rewritten {
            text,
            scanned: true,
        }
    }

    /// The text with its secrets replaced; `None` where it holds none.
    pub(crate) fn rewritten(&mut self, text: &str, style: Style) -> Option<Rewritten> {
        let bytes = self.until_clean(text.as_bytes(), |pass, text| {
            pass.allow(text.len());
            pass.text(text, Place::new(style, &[]))
        });
        match bytes {
            Ok(None) => None,
            Ok(Some(bytes)) => Some(Rewritten {
                text: String::from_utf8_lossy(&bytes).into_owned(),
                scanned: true,
            }),
            Err(OverBudget) => {
                self.redactions.count(UNSCANNED);
                Some(Rewritten {
                    text: self.replacement(style, &UNSCANNED, text.as_bytes()),
                    scanned: false,
                })
            }
        }
    }
}

/// A text without its secrets.
pub(crate) struct Rewritten {
    pub(crate) text: String,
    /// False where the text could not be scanned to its end and went as a whole.
    scanned: bool,
}

/// Sets an attribute to its new text, or refuses the event where that is no valid value.
fn parse<T: FromStr>(
    attribute: &str,
    text: &str,
    refused: &mut Vec<Violation>,
    set: impl FnOnce(T),
) {
    match text.parse() {
        Ok(value) => set(value),
        Err(_) => refused.push(holds_secret(attribute)),
    }
}

/// Runs and specs must stay apart as identities do, and can make subjects.
fn style_of(extension: &str) -> Style {
    match extension {
        "specid" | "runid" => Style::Token,
        _ => Style::Mark,
    }
}

fn holds_secret(attribute: &str) -> Violation {
    Violation::new(attribute, Problem::MustNot("hold a secret"))
}

const TENANT: &str = "tenantid";
