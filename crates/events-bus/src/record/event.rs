use std::borrow::Cow;
use std::collections::BTreeMap;

use events_core::json::{JsonText, encode_string};
use events_core::subject::Subject;
use events_core::{
    Data, Event, EventSubject, Extension, MediaType, Problem, Severity as Step, Violation,
    Violations,
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Attrs, Record, RecordOutcome, Severity};

impl TryFrom<&Record> for Event {
    type Error = Violations;

    /// # Errors
    /// Every field that is none: a component or an action that is no token, a text that is empty
    /// or holds control characters, an extension that has a field of its own.
    fn try_from(record: &Record) -> Result<Self, Violations> {
        let Record {
            component, action, ..
        } = record;
        let mut found = Vec::new();
        for (name, tokens) in [("component", component), ("action", action)] {
            if tokens.parse::<Subject>().is_err() {
                let rule = "dot-separated tokens of A-Z, a-z, 0-9, _ and -";
                found.push(Violation::new(name, Problem::MustBe(rule)));
            }
        }
        let mine = |name: &&str| NAMES.contains(name);
        for name in record
            .extensions
            .keys()
            .map(|name| name.as_str())
            .filter(mine)
        {
            let problem = Problem::MustNot("be set beside the field it stands for");
            found.push(Violation::new(name, problem));
        }
        Violations::none_in(found)?;

        let kind = format!("{TYPE}.{component}.{action}");
        let builder = Self::builder(&record.id, &source(component), &kind);
        let mut builder = record
            .severity
            .on(builder.extension("component", component));
        if let Some(time) = &record.time {
            builder = builder.time(time.as_str());
        }
        if let Some(resource) = &record.resource {
            builder = builder.subject(resource);
        }
        for (name, value) in [
            ("category", record.category.as_deref()),
            (
                "outcome",
                record.outcome.as_ref().map(RecordOutcome::as_str),
            ),
            ("taskid", record.task.as_deref()),
            ("missionid", record.mission.as_deref()),
            ("objectiveid", record.objective.as_deref()),
        ] {
            if let Some(value) = value {
                builder = builder.extension(name, value);
            }
        }
        if let Some(data) = data(record) {
            builder = builder.json(&data);
        }
        let mut event = builder.build()?;
        for (name, value) in &record.extensions {
            event.set_extension(name.clone(), value.clone());
        }
        Ok(event)
    }
}

impl TryFrom<&Event> for Record {
    type Error = Violations;

    /// # Errors
    /// What shows that no record made the event, such as its type.
    fn try_from(event: &Event) -> Result<Self, Violations> {
        let missing = |name| Violations::one(name, Problem::Missing);
        let other = |name| Violations::one(name, Problem::MustBe("that of a record"));
        let text = |name| event.extension(name).and_then(Extension::as_str);
        let owned = |name| text(name).map(str::to_owned);

        let texts = NAMES.into_iter().filter(|name| *name != Step::NUMBER);
        for name in texts.filter(|name| event.extension(name).is_some()) {
            text(name).ok_or_else(|| Violations::one(name, Problem::WrongType("a text")))?;
        }
        if event.data_schema().is_some() {
            return Err(other("dataschema"));
        }
        let component = text("component").ok_or_else(|| missing("component"))?;
        let kind = event.kind().as_str();
        let action = kind
            .strip_prefix(TYPE)
            .and_then(|rest| rest.strip_prefix('.'))
            .and_then(|rest| rest.strip_prefix(component))
            .and_then(|rest| rest.strip_prefix('.'))
            .ok_or_else(|| other("type"))?;
        if event.source().as_str() != source(component) {
            return Err(other("source"));
        }
        let Some(Extension::Integer(number)) = event.extension(Step::NUMBER) else {
            return Err(missing(Step::NUMBER));
        };
        let severity_text = text(Step::TEXT).ok_or_else(|| missing(Step::TEXT))?;
        let (detail, attrs) = read(event)?;
        let rest = event.extensions().iter();
        let rest = rest.filter(|(name, _)| !NAMES.contains(&name.as_str()));
        Ok(Self {
            id: event.id().as_str().to_owned(),
            time: event.time().cloned(),
            component: component.to_owned(),
            category: owned("category"),
            resource: event.subject().map(EventSubject::as_str).map(str::to_owned),
            action: action.to_owned(),
            outcome: text("outcome").map(RecordOutcome::from),
            severity: Severity::named(*number, severity_text)?,
            task: owned("taskid"),
            mission: owned("missionid"),
            objective: owned("objectiveid"),
            detail,
            attrs,
            extensions: rest
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        })
    }
}

/// The data, where there is any.
fn data(record: &Record) -> Option<String> {
    let mut members = Vec::new();
    if let Some(detail) = &record.detail {
        let mut member = String::from("\"detail\":");
        encode_string(detail, &mut member);
        members.push(member);
    }
    if !record.attrs.is_empty() {
        let pairs = record.attrs.iter().map(|(name, value)| {
            let mut pair = String::new();
            encode_string(name, &mut pair);
            pair + ":" + value
        });
        let pairs: Vec<String> = pairs.collect();
        members.push(format!("\"attrs\":{{{}}}", pairs.join(",")));
    }
    (!members.is_empty()).then(|| format!("{{{}}}", members.join(",")))
}

fn read(event: &Event) -> Result<(Option<String>, Attrs), Violations> {
    let refused = || {
        let rule = "a JSON object of detail, a text, and attrs, an object";
        Violations::one("data", Problem::MustBe(rule))
    };
    let json = event.data_content_type().map(MediaType::as_str);
    let body = match event.data() {
        None if json.is_none() => return Ok((None, Attrs::default())),
        // A parser of structs would take an array for one.
        Some(Data::Json(text)) if json == Some("application/json") => {
            Some(text.as_str()).filter(|text| text.starts_with('{'))
        }
        _ => None,
    };
    let body = body.ok_or_else(refused)?;
    // The parser's own words may repeat a value.
    let body: Body<'_> = serde_json::from_str(body).map_err(|_| refused())?;
    let mut attrs = Attrs::default();
    for (name, value) in body.attrs.unwrap_or_default() {
        attrs.set_json(&name, JsonText::parse(value.get()).map_err(|_| refused())?);
    }
    Ok((body.detail.map(Cow::into_owned), attrs))
}

fn source(component: &str) -> String {
    format!("urn:consign:component:{component}")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body<'a> {
    #[serde(borrow, default)]
    detail: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    attrs: Option<BTreeMap<String, &'a RawValue>>,
}

/// The first token of every record's type.
const TYPE: &str = "record";

/// The extension attributes that stand for fields.
const NAMES: [&str; 8] = [
    "category",
    "component",
    "missionid",
    "objectiveid",
    "outcome",
    Step::NUMBER,
    Step::TEXT,
    "taskid",
];
