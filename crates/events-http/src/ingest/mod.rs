//! `POST /v1/events`: the CloudEvents HTTP binding, in all three modes.

mod answer;
mod custody;
mod read;
mod trace;

use std::sync::Arc;

use axum::extract::{Extension, Request, State};
use axum::response::{IntoResponse, Response};
use events_core::codec::http::Mode;

use self::trace::Incoming;
use crate::access::{Grant, confine};
use crate::app::App;
use crate::problem::Problem;

/// Takes the events of one request into custody and says where they are.
pub(crate) async fn post(
    State(app): State<Arc<App>>,
    Extension(grant): Extension<Arc<Grant>>,
    request: Request,
) -> Response {
    match take(&app, &grant, request).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

async fn take(app: &App, grant: &Grant, request: Request) -> Result<Response, Problem> {
    let (head, body) = request.into_parts();
    let mode = read::mode(&head.headers)?;
    let Some(mut share) = app.in_flight.enter() else {
        return Err(Problem::saturated("too many other requests are in work"));
    };
    let events = read::events(mode, &head.headers, body, &app.limits, &mut share).await?;
    app.ports.observer.received(mode, events.len());
    let incoming = Incoming::of(&head.headers);
    let allowed = |event| {
        let mut event = confine(event, &grant.ingest)?;
        if let Some(incoming) = &incoming {
            incoming.join(&mut event);
        }
        Ok(event)
    };
    let events = events
        .into_iter()
        .map(|event| event.and_then(allowed))
        .collect();
    let results = custody::take(app, events, share).await?;
    for error in results.iter().filter_map(|result| result.as_ref().err()) {
        app.ports.observer.refused(error.kind());
    }
    match mode {
        Mode::Batched => Ok(answer::batch(&results)),
        Mode::Structured | Mode::Binary => answer::one(&results),
    }
}
