use std::borrow::Cow;

use super::name::is_token;
use crate::{Event, Extension, Problem, TenantId, Violations};

/// What a template can ask of an event.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Placeholder {
    Tenant,
    Type,
    Source,
    SpecId,
    RunId,
    Rest,
}

impl Placeholder {
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "tenantId" => Some(Self::Tenant),
            "type" => Some(Self::Type),
            "source" => Some(Self::Source),
            "specId" | "spec_id" => Some(Self::SpecId),
            "runId" | "run_id" => Some(Self::RunId),
            "rest" => Some(Self::Rest),
            _ => None,
        }
    }

    /// The value for `event`, checked to be one token, or dotted tokens for the type and its rest.
    pub(super) fn value<'a>(
        self,
        event: &'a Event,
        rest: &'a str,
    ) -> Result<Cow<'a, str>, Violations> {
        match self {
            Self::Tenant => {
                // Once sealing began, the attribute is there and need not be copied.
                if let Some(Extension::String(name)) = event.extension(TenantId::ATTRIBUTE) {
                    return name.parse().map(|_: TenantId| Cow::Borrowed(&**name));
                }
                let tenant = TenantId::named_by(event)?.unwrap_or_default();
                Ok(Cow::Owned(tenant.to_string()))
            }
            Self::Type => tokens("type", event.kind().as_str()),
            Self::Rest => tokens("type", rest),
            Self::Source => token("source", event.source().as_str()),
            Self::SpecId => extension(event, "specid"),
            Self::RunId => extension(event, "runid"),
        }
    }
}

fn extension<'a>(event: &'a Event, name: &'static str) -> Result<Cow<'a, str>, Violations> {
    match event.extension(name) {
        Some(value) => match value.to_canonical() {
            Cow::Borrowed(text) => token(name, text),
            Cow::Owned(text) => token(name, &text).map(|text| Cow::Owned(text.into_owned())),
        },
        None => Err(Violations::one(name, Problem::Missing)),
    }
}

fn token<'a>(attribute: &'static str, value: &'a str) -> Result<Cow<'a, str>, Violations> {
    if is_token(value) {
        return Ok(Cow::Borrowed(value));
    }
    let rule = "one token of A-Z, a-z, 0-9, _ and - to make its subject";
    Err(Violations::one(attribute, Problem::MustBe(rule)))
}

fn tokens<'a>(attribute: &'static str, value: &'a str) -> Result<Cow<'a, str>, Violations> {
    if value.split('.').all(is_token) {
        return Ok(Cow::Borrowed(value));
    }
    let rule = "dot-separated tokens of A-Z, a-z, 0-9, _ and - to make its subject";
    Err(Violations::one(attribute, Problem::MustBe(rule)))
}
