use events_core::TenantId;
use events_core::subject::{Routes, SubjectTemplate, TemplateError};

use super::lists::entries;
use super::{Form, Given, Value, Wrong};

impl Value for TenantId {
    const FORM: Form = Form::Text {
        noun: "a tenant of 1 to 64 letters, digits, _ and -",
        example: "acme-1",
    };

    fn parse(given: &Given<'_>) -> Result<Self, Wrong> {
        given.text.parse().map_err(|_| Wrong::Form)
    }
}

/// The text of a subject template that is known to parse, whatever the prefix.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Template(String);

impl Template {
    /// The template as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Value for Template {
    const FORM: Form = Form::Text {
        noun: "a subject template",
        example: "{prefix}.events.{tenantId}.{type}",
    };

    fn parse(given: &Given<'_>) -> Result<Self, Wrong> {
        SubjectTemplate::parse(given.text, SAMPLE_PREFIX).map_err(explain)?;
        Ok(Self(given.text.to_owned()))
    }
}

/// The texts of routes that are known to parse, whatever the prefix.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RouteTexts(Vec<(String, String)>);

impl RouteTexts {
    /// Type patterns with their templates, in the order given.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(types, template)| (types.as_str(), template.as_str()))
    }
}

impl Value for RouteTexts {
    const FORM: Form = Form::List {
        noun: "type-pattern=template pairs, comma-separated",
        example: "audit.>={prefix}.audit.{tenantId}.{rest}",
    };

    fn parse(given: &Given<'_>) -> Result<Self, Wrong> {
        let pair = |text: &str| {
            let (types, template) = text.split_once('=')?;
            Some((types.trim().to_owned(), template.trim().to_owned()))
        };
        let pairs = entries(given.text)?
            .into_iter()
            .map(pair)
            .collect::<Option<_>>();
        let texts = Self(pairs.ok_or(Wrong::Form)?);
        Routes::custom(texts.iter(), SAMPLE_PREFIX).map_err(explain)?;
        Ok(texts)
    }
}

/// The error's own text where it does not quote the value.
fn explain(error: TemplateError) -> Wrong {
    match error {
        TemplateError::NoSubject(_) => Wrong::Form,
        other => Wrong::because(format!("has a mistake: {other}")),
    }
}

/// A prefix is checked on its own, so that any will do here.
const SAMPLE_PREFIX: &str = "consign";
