//! What happens to tools, nodes, runs and the like, as events with documented data.

/// Says of each struct which type its events have, which field names what they are about, and
/// whether they are failures. Debug shows the type alone: the data may hold secrets until it is
/// redacted.
macro_rules! lifecycle {
    ($($name:ident = $kind:literal
        $(, about $about:ident)? $(, run $run:ident)? $(, restarts $restarts:ident)?
        $(, failure $failure:literal)?;)*) => {$(
        impl Lifecycle for $name {
            const TYPE: &'static str = $kind;

            fn about(&self) -> Option<&str> {
                None$(.or(Some(self.$about.as_str())))?
            }

            $(fn run(&self) -> Option<&str> {
                Some(&self.$run)
            })?

            $(fn restarts(&self) -> Option<u64> {
                Some(self.$restarts)
            })?

            $(const IS_FAILURE: bool = $failure;)?
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str($kind)
            }
        }
    )*};
}

mod audit;
mod discovery;
mod embed;
mod finite;
mod node;
mod origin;
mod run;
mod tool;

use events_core::{Data, ErrorKind, Problem, SinkError, Violations, WireEvent};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use self::audit::{AuditRecorded, AuditVerified};
pub use self::discovery::{McpAnnounced, McpDeregistered, McpHeartbeat};
pub use self::embed::{EmbedFailed, EmbedRequested, EmbedResult};
pub use self::node::{Health, NodeHealth, NodeJoined, NodeLeft};
pub use self::origin::Origin;
pub use self::run::{RunDone, RunFailed, RunStarted, StepDone, StepFailed, StepStarted};
pub use self::tool::{
    ToolConfigured, ToolCrashed, ToolInstalled, ToolRemoved, ToolStarted, ToolStopped,
};

/// The data of one type of event. [`Origin::event`] makes the event, [`read`](Self::read) reads it
/// back.
///
/// The fields are the members of the JSON data, by their names. All of it goes through redaction
/// like any data, so what is read back may say `[REDACTED:…]`.
pub trait Lifecycle: Serialize + DeserializeOwned {
    /// The event's type, which leads to its subject.
    const TYPE: &'static str;

    /// Whether it tells of a failure: its events say so with `severitynumber` 17 and
    /// `severitytext` `ERROR`.
    const IS_FAILURE: bool = false;

    /// What it is about within its source: the event's `subject`.
    fn about(&self) -> Option<&str>;

    /// The run it is part of: the event's `runid`.
    fn run(&self) -> Option<&str> {
        None
    }

    /// How often what it is about had been started again before: the event's `restartcount`, for
    /// those who see attributes alone.
    fn restarts(&self) -> Option<u64> {
        None
    }

    /// The data of `event`. Members that are not known here are passed over.
    ///
    /// # Errors
    /// `Invalid` where the event is of another type or its data is not of this form.
    fn read(event: &WireEvent) -> Result<Self, SinkError> {
        let refused = |attribute, problem| {
            let violations = Violations::one(attribute, problem);
            SinkError::caused(ErrorKind::Invalid, "read a lifecycle event", violations)
        };
        if event.attributes().kind().as_str() != Self::TYPE {
            return Err(refused("type", Problem::MustBe(Self::TYPE)));
        }
        let malformed = || refused("data", Problem::MustBe("of the form of its type"));
        let event = event.to_event().map_err(SinkError::invalid)?;
        let text = match event.data() {
            // A parser of structs would take an array for one.
            Some(Data::Json(text)) if text.as_str().starts_with('{') => text.as_str(),
            _ => return Err(malformed()),
        };
        // The parser's own words may repeat a value.
        serde_json::from_str(text).map_err(|_| malformed())
    }
}
