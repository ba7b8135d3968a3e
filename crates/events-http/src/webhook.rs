//! `OPTIONS /v1/events`: whether deliveries are welcome here (CloudEvents HTTP webhook,
//! section 4, abuse protection).

use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, HeaderName};
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::problem::Problem;

/// Welcomes any origin at any rate: who may deliver is decided by the token, how much by 429.
pub(crate) async fn options(headers: HeaderMap) -> Response {
    let mut response = if headers.contains_key(REQUEST_ORIGIN) {
        let any = HeaderValue::from_static("*");
        let mut response = StatusCode::OK.into_response();
        response.headers_mut().insert(ALLOWED_ORIGIN, any.clone());
        response.headers_mut().insert(ALLOWED_RATE, any);
        response
    } else {
        Problem::method_not_allowed().into_response()
    };
    response
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static("GET, HEAD, OPTIONS, POST"));
    response
}

const REQUEST_ORIGIN: HeaderName = HeaderName::from_static("webhook-request-origin");
const ALLOWED_ORIGIN: HeaderName = HeaderName::from_static("webhook-allowed-origin");
const ALLOWED_RATE: HeaderName = HeaderName::from_static("webhook-allowed-rate");
