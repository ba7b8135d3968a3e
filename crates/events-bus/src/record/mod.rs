//! The structured record: what a component did, to what, and what came of it.

mod attrs;
mod event;
mod outcome;
mod severity;

use std::collections::BTreeMap;
use std::fmt;

use events_core::time::Timestamp;
use events_core::{Extension, ExtensionName};
use ulid::Ulid;

pub use self::attrs::Attrs;
pub use self::outcome::RecordOutcome;
pub use self::severity::Severity;

/// What a component did, in fields: a view onto a CloudEvent that holds nothing else.
///
/// Make one with a helper such as [`warn`](Self::warn), set what else is known, and turn it into
/// an [`Event`](events_core::Event) with `Event::try_from(&record)`; `Record::try_from(&event)`
/// reads it back. Nothing is lost either way.
///
/// | field | attribute of the event |
/// |---|---|
/// | `id`, `time` | `id`, `time` |
/// | `component` | `component`, and `source` as `urn:consign:component:<component>` |
/// | `action` | the rest of `type`: `record.<component>.<action>` |
/// | `category`, `outcome` | `category`, `outcome` |
/// | `resource` | `subject` |
/// | `severity` | `severitynumber`, `severitytext` |
/// | `task`, `mission`, `objective` | `taskid`, `missionid`, `objectiveid` |
/// | `detail`, `attrs` | members of the JSON data |
/// | `extensions` | every other extension attribute |
///
/// Detail and attributes are data, which a chain redacts; Debug shows none of the fields.
#[derive(Clone, PartialEq)]
pub struct Record {
    /// Its identity.
    pub id: String,
    /// When it happened.
    pub time: Option<Timestamp>,
    /// Who did it: dot-separated tokens of A-Z, a-z, 0-9, `_` and `-`.
    pub component: String,
    /// The class of what was done.
    pub category: Option<String>,
    /// What it was done to.
    pub resource: Option<String>,
    /// What was done: tokens like the component's.
    pub action: String,
    /// What came of it.
    pub outcome: Option<RecordOutcome>,
    /// How much it matters.
    pub severity: Severity,
    /// The task it was part of.
    pub task: Option<String>,
    /// The mission it was part of.
    pub mission: Option<String>,
    /// The objective it was part of.
    pub objective: Option<String>,
    /// What there is to say about it, for people.
    pub detail: Option<String>,
    /// What there is to say about it, for programs.
    pub attrs: Attrs,
    /// What else the event bears: the tenant, a trace, a signature.
    pub extensions: BTreeMap<ExtensionName, Extension>,
}

impl Record {
    /// A record of that severity, of now, with an id of its own (a ULID).
    #[must_use]
    pub fn new(severity: Severity, component: &str, action: &str) -> Self {
        Self {
            id: Ulid::generate().to_string(),
            time: Some(Timestamp::now()),
            component: component.to_owned(),
            category: None,
            resource: None,
            action: action.to_owned(),
            outcome: None,
            severity,
            task: None,
            mission: None,
            objective: None,
            detail: None,
            attrs: Attrs::default(),
            extensions: BTreeMap::new(),
        }
    }

    /// Something that matters to who looks for a fault.
    #[must_use]
    pub fn debug(component: &str, action: &str, detail: impl Into<String>) -> Self {
        Self::new(Severity::DEBUG, component, action).detailed(detail)
    }

    /// Something as it should be.
    #[must_use]
    pub fn info(component: &str, action: &str, detail: impl Into<String>) -> Self {
        Self::new(Severity::INFO, component, action).detailed(detail)
    }

    /// Something that is not as it should be, and goes on all the same.
    #[must_use]
    pub fn warn(component: &str, action: &str, detail: impl Into<String>) -> Self {
        Self::new(Severity::WARN, component, action).detailed(detail)
    }

    /// Something that failed.
    #[must_use]
    pub fn error(component: &str, action: &str, detail: impl Into<String>) -> Self {
        Self::new(Severity::ERROR, component, action).detailed(detail)
    }

    fn detailed(self, detail: impl Into<String>) -> Self {
        Self {
            detail: Some(detail.into()),
            ..self
        }
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attrs = self.attrs.iter().count();
        write!(f, "Record({}, {attrs} attrs)", self.severity)
    }
}
