use std::time::Duration;

use events_core::subject::Route;
use events_core::{Event, SinkError};
use events_runtime::Stored;

/// No traces: this build has none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Traces;

/// An event's way, which nobody follows.
#[derive(Debug)]
pub(crate) struct Journey;

impl Traces {
    pub(crate) fn start(_sink: &'static str) -> Self {
        Self
    }

    #[expect(clippy::unused_self, reason = "builds with traces need it")]
    pub(crate) fn begin(&self, _event: &mut Event, _route: &Route) -> Journey {
        Journey
    }

    #[expect(clippy::unused_self, reason = "builds with traces need it")]
    pub(crate) async fn stop(&self, _within: Duration) {}
}

impl Journey {
    pub(crate) fn end(self, _result: &Result<Stored, SinkError>) {}
}
