//! `GET /v1/events/stream`: events as they are stored, as server-sent events.

mod clients;
mod frame;
mod queue;
mod watch;

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Extension, RawQuery, State};
use axum::response::{IntoResponse as _, Response};
use events_core::time;
use futures::stream::unfold;
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderMap, StatusCode};
use tokio::time::timeout;

use self::watch::{Followed, Watch};
use crate::access::Grant;
use crate::app::App;
use crate::events::EventQuery;
use crate::ports::HistoryTrouble;
use crate::problem::Problem;
use crate::server::Endless;

pub(crate) use clients::Clients;

/// Follows the events that match, from where the client was last.
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    Extension(grant): Extension<Arc<Grant>>,
    headers: HeaderMap,
    RawQuery(text): RawQuery,
) -> Result<Response, Problem> {
    let Some(tail) = app.ports.tail.clone() else {
        return Err(Problem::missing("events cannot be followed here"));
    };
    let query = EventQuery::of_tail(&text.unwrap_or_default(), &headers, time::now())
        .map_err(Problem::listed)?;
    let wanted = query.wanted(&grant.tail)?;
    let Some(place) = app.clients.enter().await else {
        return Err(full());
    };
    let tenants = wanted.tenants.clone();
    let begun = timeout(app.limits.answer_timeout, tail.follow(wanted, query.after));
    // Whoever reads the head of the answer can rely on what is stored from then on.
    let events = begun.await.unwrap_or_else(|_| Err(slow()))?;
    let followed = Followed {
        tenants,
        limit: query.limit,
        events,
        grant,
    };
    let watch = Watch::begin(app, place, followed);
    let frames = unfold(watch, async |mut watch| {
        let frame = watch.next().await?;
        Some((Ok::<_, Infallible>(frame), watch))
    });
    let headers = [(CONTENT_TYPE, "text/event-stream"), (BUFFERING, "no")];
    Ok((headers, Extension(Endless), Body::from_stream(frames)).into_response())
}

fn slow() -> HistoryTrouble {
    HistoryTrouble::Unavailable("where to begin was not known in time".to_owned())
}

fn full() -> Problem {
    let title = "There is no room now";
    let detail = "as many clients follow the events as may";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "saturated", title, detail).retry_after(5)
}

/// Asks proxies to pass on what comes as it comes.
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
