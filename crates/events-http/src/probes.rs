//! The requests that ask how the system is.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Extension, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};

use crate::access::{Grant, Need};
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

/// The whole state, for operators; for those who may only see events, what concerns them.
pub(crate) async fn status(
    State(app): State<Arc<App>>,
    Extension(grant): Extension<Arc<Grant>>,
) -> Response {
    let status = app.ports.status.status();
    if grant.allows(Need::Metrics) {
        return Json(status).into_response();
    }
    Json(confined(&status)).into_response()
}

/// Whether events are taken and kept, and nothing that tells of others or of the machine: no
/// addresses, paths, counts or words of an error. What is not listed is left out.
fn confined(status: &Value) -> Value {
    let mut view = json!({ "confined": true });
    for (part, field) in HARMLESS {
        let Some(value) = status.get(part) else {
            continue;
        };
        let shown = match field {
            None => value.clone(),
            Some(field) => value
                .get(field)
                .map_or(Value::Null, |value| json!({ (*field): value })),
        };
        if let Some(view) = view.as_object_mut() {
            view.insert((*part).to_owned(), shown);
        }
    }
    view
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

/// What anybody may know who may see events: parts of the status, or one field of a part.
const HARMLESS: &[(&str, Option<&str>)] = &[
    ("version", None),
    ("stack", None),
    ("breaker", Some("state")),
    ("nats", Some("connected")),
    ("spool", Some("state")),
    ("journal", Some("state")),
    ("signer", Some("keyid")),
];

const JWK_SET: &str = "application/jwk-set+json";
