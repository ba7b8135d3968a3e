use std::fmt;

use thiserror::Error;

use super::name::{MAX_LENGTH, is_token};
use super::placeholder::Placeholder;
use super::{Subject, SubjectPattern};
use crate::json::Text;
use crate::{ErrorKind, Event, Problem, SinkError, Violations};

/// A subject with places for values of an event, such as `{prefix}.events.{tenantId}.{type}`.
///
/// Placeholders: `{prefix}`, `{tenantId}`, `{type}`, `{source}`, `{specId}` and `{runId}` (from
/// the extensions `specid` and `runid`). `{type}` keeps its dots as token separators; every
/// other value is one token. In routes whose pattern ends in `>`, `{rest}` is what that stood for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SubjectTemplate {
    text: Box<str>,
    parts: Vec<Part>,
}

/// Why a template cannot be used.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum TemplateError {
    /// A placeholder that does not exist.
    #[error(
        "{0:?} is no placeholder; use {{prefix}}, {{tenantId}}, {{type}}, {{source}}, {{specId}} or {{runId}}"
    )]
    Unknown(String),
    /// `{rest}` outside a route whose type pattern ends in `>`.
    #[error("{{rest}} needs a type pattern that ends in >")]
    NoRest,
    /// A brace without its other half.
    #[error("a brace is not closed or not opened")]
    Unbalanced,
    /// What stands around the placeholders makes no subject.
    #[error("{0:?} makes no subject; use dot-separated tokens of A-Z, a-z, 0-9, _ and -")]
    NoSubject(String),
    /// The pattern of types is malformed.
    #[error("{0:?} is no pattern; use dot-separated tokens, * for one, a last > for the rest")]
    BadPattern(String),
    /// The tenant's place in the subject is not one and the same.
    #[error("{0:?} has no fixed place for the tenant; use {{tenantId}} once and before {{type}}")]
    Tenant(String),
    /// There are no routes, so no event would have a subject.
    #[error("name at least one route")]
    NoRoutes,
}

impl SubjectTemplate {
    /// Parses `text`, in which `{prefix}` stands for `prefix`.
    ///
    /// # Errors
    /// Unknown placeholders and literal text that makes no subject.
    pub fn parse(text: &str, prefix: &str) -> Result<Self, TemplateError> {
        let template = Self::parse_with_rest(text, prefix)?;
        if template.parts.contains(&Part::Value(Placeholder::Rest)) {
            return Err(TemplateError::NoRest);
        }
        Ok(template)
    }

    /// The subject of `event`. Pure.
    ///
    /// # Errors
    /// Every value that is missing or makes no token.
    pub fn resolve(&self, event: &Event) -> Result<Subject, Violations> {
        self.resolve_with_rest(event, "")
    }

    /// The template as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn parse_with_rest(text: &str, prefix: &str) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, braced) = rest.split_at(at);
            literal.push_str(before);
            let inner = braced.strip_prefix('{').ok_or(TemplateError::Unbalanced)?;
            let (name, after) = inner.split_once('}').ok_or(TemplateError::Unbalanced)?;
            if name == "prefix" {
                literal.push_str(prefix);
            } else {
                let placeholder = Placeholder::named(name)
                    .ok_or_else(|| TemplateError::Unknown(name.to_owned()))?;
                parts.push(Part::Literal(std::mem::take(&mut literal).into()));
                parts.push(Part::Value(placeholder));
            }
            rest = after;
        }
        literal.push_str(rest);
        parts.push(Part::Literal(literal.into()));
        let template = Self {
            text: text.into(),
            parts,
        };
        template.check_literals()?;
        template.check_tenant()?;
        Ok(template)
    }

    pub(super) fn resolve_with_rest(
        &self,
        event: &Event,
        rest: &str,
    ) -> Result<Subject, Violations> {
        let mut subject = String::with_capacity(64);
        self.write(event, rest, &mut subject)?;
        Subject::of_tokens(&subject).ok_or_else(too_long)
    }

    /// Whether `event` has a subject, without making it.
    pub(super) fn check(&self, event: &Event, rest: &str) -> Result<(), Violations> {
        let mut length = 0;
        self.write(event, rest, &mut length)?;
        if length > MAX_LENGTH {
            return Err(too_long());
        }
        Ok(())
    }

    /// The narrowest pattern of all subjects of events whose types are of `types`.
    pub(super) fn pattern(&self, types: &SubjectPattern) -> SubjectPattern {
        let mut pattern = String::new();
        for part in &self.parts {
            pattern.push_str(match part {
                Part::Literal(text) => text,
                Part::Value(Placeholder::Type) => types.as_str(),
                Part::Value(Placeholder::Rest) => ">",
                Part::Value(_) => "*",
            });
        }
        SubjectPattern::up_to_open(&pattern)
    }

    fn write(&self, event: &Event, rest: &str, subject: &mut impl Text) -> Result<(), Violations> {
        let mut found = Vec::new();
        for part in &self.parts {
            match part {
                Part::Literal(text) => subject.push_str(text),
                Part::Value(placeholder) => match placeholder.value(event, rest) {
                    Ok(value) => subject.push_str(&value),
                    Err(violations) => found.extend(violations),
                },
            }
        }
        Violations::none_in(found)
    }

    /// A tenant's events must be found, and kept apart, by one token at one place.
    fn check_tenant(&self) -> Result<(), TemplateError> {
        let tenant = Part::Value(Placeholder::Tenant);
        let open = [
            Part::Value(Placeholder::Type),
            Part::Value(Placeholder::Rest),
        ];
        let last = self.parts.iter().rposition(|part| *part == tenant);
        let first = self.parts.iter().position(|part| *part == tenant);
        let opened = self.parts.iter().position(|part| open.contains(part));
        let before = matches!((opened, last), (Some(opened), Some(last)) if opened < last);
        if first != last || before {
            return Err(TemplateError::Tenant(self.text.to_string()));
        }
        Ok(())
    }

    /// With a plain token for every placeholder, a template must make a subject, in which each
    /// placeholder is a token of its own.
    fn check_literals(&self) -> Result<(), TemplateError> {
        let refused = || TemplateError::NoSubject(self.text.to_string());
        let mut sample = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(text) => sample.push_str(text),
                Part::Value(_) => sample.push('\0'),
            }
        }
        let whole = |token: &str| token == "\0" || is_token(token);
        if sample.split('.').all(whole) {
            Ok(())
        } else {
            Err(refused())
        }
    }
}

impl fmt::Display for SubjectTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The subject of `event` by `template`, with `consign` as `{prefix}`. Pure.
///
/// A template without placeholders is returned as it is.
///
/// # Errors
/// `Config` where the template is malformed, `Invalid` where a value of the event is missing or
/// makes no token.
pub fn resolve_tenant_subject(template: &str, event: &Event) -> Result<Subject, SinkError> {
    let template = SubjectTemplate::parse(template, "consign")
        .map_err(|error| SinkError::caused(ErrorKind::Config, "parse the template", error))?;
    template.resolve(event).map_err(SinkError::invalid)
}

fn too_long() -> Violations {
    let rule = "short enough for a subject of 512 bytes, with the rest of the event";
    Violations::one("type", Problem::MustBe(rule))
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Part {
    Literal(Box<str>),
    Value(Placeholder),
}
