//! Which request is answered by whom.

use std::sync::Arc;

use axum::Router;
use axum::extract::MatchedPath;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use http::Method;

use crate::access::Need;
use crate::app::App;
use crate::problem::Problem;
use crate::{Surface, dlq, events, guard, ingest, metrics, probes, record, tail, webhook};

/// Every path there is, as metrics and logs name it.
pub(crate) const PATHS: [&str; 11] = [
    EVENTS,
    STREAM,
    DLQ,
    DLQ_REDRIVE,
    DLQ_RECORD,
    STATUS,
    JWKS,
    LIVEZ,
    READYZ,
    STARTUPZ,
    METRICS,
];

/// The paths that need no token: probes hold none, and public keys are public.
pub(crate) const OPEN: [&str; 4] = [LIVEZ, READYZ, STARTUPZ, JWKS];

/// What a request needs that this route answers, where there is one.
pub(crate) fn need(route: Option<&MatchedPath>, method: &Method) -> Need {
    let reads = matches!(*method, Method::GET | Method::HEAD);
    match route.map(MatchedPath::as_str) {
        None => Need::Token,
        Some(EVENTS) if !reads => Need::Ingest,
        Some(EVENTS | STREAM) => Need::Tail,
        Some(DLQ | DLQ_RECORD) if reads => Need::Tail,
        Some(METRICS) => Need::Metrics,
        Some(STATUS) => Need::Status,
        Some(_) => Need::Admin,
    }
}

/// The service of one server.
pub(crate) fn router(surface: Surface, app: Arc<App>) -> Router {
    let routes = match surface {
        Surface::Whole => for_applications().merge(for_machines()),
        Surface::Events => for_applications(),
        Surface::Probes => for_machines(),
    };
    routes
        .fallback(async || Problem::not_found())
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .layer(from_fn_with_state(Arc::clone(&app), guard::check))
        .layer(from_fn_with_state(Arc::clone(&app), record::answer))
        .with_state(app)
}

fn for_applications() -> Router<Arc<App>> {
    Router::new()
        .route(
            EVENTS,
            get(events::get)
                .post(ingest::post)
                .options(webhook::options),
        )
        .route(STREAM, get(tail::get))
        .route(DLQ, get(dlq::list))
        .route(DLQ_REDRIVE, post(dlq::redrive))
        .route(DLQ_RECORD, get(dlq::show).delete(dlq::drop_record))
        .route(STATUS, get(probes::status))
        .route(JWKS, get(probes::jwks))
}

fn for_machines() -> Router<Arc<App>> {
    Router::new()
        .route(LIVEZ, get(probes::livez))
        .route(READYZ, get(probes::readyz))
        .route(STARTUPZ, get(probes::startupz))
        .route(METRICS, get(metrics::get))
}

const EVENTS: &str = "/v1/events";
const STREAM: &str = "/v1/events/stream";
const DLQ: &str = "/v1/dlq";
const DLQ_REDRIVE: &str = "/v1/dlq/redrive";
const DLQ_RECORD: &str = "/v1/dlq/{id}";
const STATUS: &str = "/v1/status";
const JWKS: &str = "/.well-known/jwks.json";
const LIVEZ: &str = "/livez";
const READYZ: &str = "/readyz";
const STARTUPZ: &str = "/startupz";
const METRICS: &str = "/metrics";
