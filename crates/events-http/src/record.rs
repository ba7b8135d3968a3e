//! What every answer has in common, and the note taken of it.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Method};
use tokio::time::Instant;

use crate::app::App;
use crate::ports::Answered;
use crate::router::PATHS;

pub(crate) async fn answer(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = method_word(request.method());
    let route = route_word(request.extensions().get());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let answered = Answered {
        method,
        route,
        status: response.status().as_u16(),
        took: began.elapsed(),
    };
    tracing::debug!(
        method,
        route,
        status = answered.status,
        millis = answered.took.as_millis(),
        "answered"
    );
    app.ports.observer.answered(&answered);
    response
}

/// The method as one of a closed set: what a client sends is never repeated.
fn method_word(method: &Method) -> &'static str {
    let known = [
        "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH",
    ];
    known
        .into_iter()
        .find(|word| *word == method.as_str())
        .unwrap_or("OTHER")
}

fn route_word(matched: Option<&MatchedPath>) -> &'static str {
    matched
        .and_then(|matched| PATHS.into_iter().find(|path| *path == matched.as_str()))
        .unwrap_or("unmatched")
}
