//! `GET /metrics`: the counters, in the form that the scraper reads.

mod accept;
mod text;

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::HeaderMap;
use http::header::CONTENT_TYPE;

use crate::app::App;

/// The counters: as OpenMetrics for who asks for that, else in the older text format, which
/// everything reads.
pub(crate) async fn get(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let metrics = app.ports.status.metrics();
    if accept::open_metrics(&headers) {
        ([(CONTENT_TYPE, OPEN_METRICS)], metrics).into_response()
    } else {
        ([(CONTENT_TYPE, TEXT)], text::from_open_metrics(&metrics)).into_response()
    }
}

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";
