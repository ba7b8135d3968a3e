//! The requests that ask how the system is.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::json;

use crate::app::App;

/// The process runs. Nothing else is asked, since a restart would mend nothing else.
pub(crate) async fn livez() -> Response {
    Json(json!({ "alive": true })).into_response()
}

/// An event would be accepted durably. What is degraded is said either way.
pub(crate) async fn readyz(State(app): State<Arc<App>>) -> Response {
    let readiness = app.ports.status.readiness();
    (good_or_not(readiness.ready), Json(readiness)).into_response()
}

/// Start-up is over.
pub(crate) async fn startupz(State(app): State<Arc<App>>) -> Response {
    let started = app.ports.status.started();
    (good_or_not(started), Json(json!({ "started": started }))).into_response()
}

/// The whole state, for operators.
pub(crate) async fn status(State(app): State<Arc<App>>) -> Response {
    Json(app.ports.status.status()).into_response()
}

/// The public keys, for verifiers.
pub(crate) async fn jwks(State(app): State<Arc<App>>) -> Response {
    ([(CONTENT_TYPE, JWK_SET)], app.ports.status.jwks()).into_response()
}

const fn good_or_not(good: bool) -> StatusCode {
    if good {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    }
}

const JWK_SET: &str = "application/jwk-set+json";
