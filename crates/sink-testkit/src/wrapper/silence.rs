use events_core::{ErrorKind, EventSink, EventSinkExt as _};

use super::Features;
use crate::canary::{self, Said};
use crate::log::Log;
use crate::{Failure, ProbeSink, Step};

/// No value of an event appears in an error, an outcome, the wrapper's Debug or Display, or the
/// log, whatever the inner sink answers.
///
/// The log is heard on this thread, so run it on a current-thread runtime (`#[tokio::test]`).
///
/// # Errors
/// Names the places where the canary was seen.
pub async fn errors_debug_and_log_stay_silent<W: EventSink>(
    wrap: &impl Fn(ProbeSink) -> W,
    _features: &Features,
) -> Result<(), Failure> {
    let log = Log::listen();
    let mut said = Said::default();
    let steps = [
        Step::Ok,
        Step::Fail(ErrorKind::Unavailable),
        Step::Fail(ErrorKind::Rejected),
    ];
    let wrapper = wrap(ProbeSink::new(steps));
    for _ in steps {
        said.in_results(&wrapper.send_all(vec![canary::event()]).await);
        said.by(&wrapper);
    }
    let id = canary::event().id().as_str().to_owned();
    let wrapper = wrap(ProbeSink::refusing([&id]));
    said.in_results(&wrapper.send_all(vec![canary::event()]).await);
    said.by(&wrapper);
    said.add("the log", log.text());
    said.nothing()
}
