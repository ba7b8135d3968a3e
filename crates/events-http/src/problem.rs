use std::error::Error;

use axum::response::{IntoResponse, Response};
use events_core::codec::DecodeError;
use events_core::{ErrorKind, SinkError, Violations};
use http::header::{CONNECTION, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use serde::Serialize;

use crate::access::Foreign;

/// An answer that says what went wrong (RFC 9457). Never holds a value of an event or a header.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    name: &'static str,
    title: &'static str,
    detail: String,
    violations: Option<Violations>,
    retry_after: Option<u32>,
    closes: bool,
}

impl Problem {
    pub(crate) fn new(
        status: StatusCode,
        name: &'static str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            status,
            name,
            title,
            detail: detail.into(),
            violations: None,
            retry_after: None,
            closes: false,
        }
    }

    /// The server is full; try again soon.
    pub(crate) fn saturated(detail: impl Into<String>) -> Self {
        let title = "There is no room now";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "saturated", title, detail).retry_after(1)
    }

    /// What was sent is larger than allowed.
    pub(crate) fn too_large(detail: impl Into<String>) -> Self {
        let title = "The request is too large";
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", title, detail)
    }

    /// What was sent is in a form that is not understood.
    pub(crate) fn unsupported(detail: impl Into<String>) -> Self {
        let title = "The form of the request is not understood";
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
            title,
            detail,
        )
    }

    /// The events cannot be taken into custody now.
    pub(crate) fn unavailable(detail: impl Into<String>) -> Self {
        let title = "The event cannot be kept now";
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            title,
            detail,
        )
        .retry_after(5)
    }

    /// The path is not known.
    pub(crate) fn not_found() -> Self {
        Self::missing("no request that is answered here has this path")
    }

    /// The path is known and the method is not.
    pub(crate) fn method_not_allowed() -> Self {
        let title = "The method is not allowed here";
        let detail = "the header Allow names the methods that are";
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method-not-allowed",
            title,
            detail,
        )
    }

    /// A request that breaks HTTP itself.
    pub(crate) fn bad_request(detail: impl Into<String>) -> Self {
        let title = "The request is malformed";
        Self::new(StatusCode::BAD_REQUEST, "bad-request", title, detail)
    }

    /// What the path names is not there.
    pub(crate) fn missing(detail: impl Into<String>) -> Self {
        let title = "There is nothing here";
        Self::new(StatusCode::NOT_FOUND, "not-found", title, detail)
    }

    /// The chain has no spool.
    pub(crate) fn no_spool() -> Self {
        let title = "There is no spool";
        let detail = "the chain keeps no spool (CONSIGN_DLQ=off)";
        Self::new(StatusCode::NOT_FOUND, "no-spool", title, detail)
    }

    /// Somebody else is at it.
    pub(crate) fn conflict(detail: impl Into<String>) -> Self {
        let title = "This is being done already";
        Self::new(StatusCode::CONFLICT, "conflict", title, detail).retry_after(5)
    }

    /// The server did not do what it should.
    pub(crate) fn internal(detail: impl Into<String>) -> Self {
        let title = "The server failed";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", title, detail)
    }

    /// Something behind the server did not answer in time.
    pub(crate) fn timed_out(detail: impl Into<String>) -> Self {
        let title = "The answer took too long";
        Self::new(StatusCode::GATEWAY_TIMEOUT, "timeout", title, detail)
    }

    /// The token is good, and not for this.
    pub(crate) fn forbidden(detail: impl Into<String>) -> Self {
        let title = "The token does not allow this";
        Self::new(StatusCode::FORBIDDEN, "forbidden", title, detail)
    }

    /// A malformed request, with everything that is wrong with it.
    pub(crate) fn listed(violations: Violations) -> Self {
        let mut problem = Self::bad_request(violations.to_string());
        problem.violations = Some(violations);
        problem
    }

    /// Closes the connection after this answer, since the rest of the request is not read.
    pub(crate) fn closing(mut self) -> Self {
        self.closes = true;
        self
    }

    pub(crate) fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }
}

/// Why an event is refused, in words for the client that sent it.
pub(crate) fn detail(error: &SinkError) -> String {
    if let Some(violations) = error.violations() {
        return violations.to_string();
    }
    if let Some(cause) = foreign(error) {
        return cause.to_string();
    }
    match oversize(error) {
        Some(cause) => cause.to_string(),
        None => format!("failed to {error}"),
    }
}

/// Where decoding refuses a single event, the same refusal in the terms of a sink.
pub(crate) fn refusal(error: DecodeError) -> SinkError {
    match error {
        DecodeError::Invalid(violations) => SinkError::invalid(violations),
        DecodeError::TooLarge { .. } | DecodeError::TooMany { .. } => {
            SinkError::caused(ErrorKind::Rejected, "accept the event", error)
        }
        DecodeError::UnsupportedMedia => {
            SinkError::caused(ErrorKind::Invalid, "accept the event", error)
        }
    }
}

impl From<&SinkError> for Problem {
    fn from(error: &SinkError) -> Self {
        let detail = detail(error);
        let mut problem = match error.kind() {
            ErrorKind::Invalid => {
                let title = "The event is not acceptable";
                Self::new(StatusCode::BAD_REQUEST, "invalid", title, detail)
            }
            ErrorKind::Rejected if foreign(error).is_some() => Self::forbidden(detail),
            ErrorKind::Rejected if oversize(error).is_some() => Self::too_large(detail),
            ErrorKind::Rejected => {
                let (status, title) = (StatusCode::UNPROCESSABLE_ENTITY, "The event is refused");
                Self::new(status, "rejected", title, detail)
            }
            ErrorKind::Saturated => Self::saturated(detail),
            ErrorKind::Unavailable => Self::unavailable(detail),
            ErrorKind::Config => {
                let title = "The operator has to change a setting first";
                let status = StatusCode::SERVICE_UNAVAILABLE;
                Self::new(status, "config", title, detail).retry_after(30)
            }
        };
        problem.violations = error.violations().cloned();
        problem
    }
}

impl From<DecodeError> for Problem {
    fn from(error: DecodeError) -> Self {
        match error {
            DecodeError::UnsupportedMedia => Self::unsupported(error.to_string()),
            DecodeError::Invalid(_)
            | DecodeError::TooLarge { .. }
            | DecodeError::TooMany { .. } => Self::from(&refusal(error)),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = Body {
            kind: format!("urn:consign:problem:{}", self.name),
            title: self.title,
            status: self.status.as_u16(),
            detail: &self.detail,
            violations: self.violations.as_ref(),
        };
        let mut response = (self.status, axum::Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.closes {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    violations: Option<&'a Violations>,
}

/// The cause of an error, where it is that the token is not good for the event.
fn foreign(error: &SinkError) -> Option<&Foreign> {
    error.source()?.downcast_ref()
}

/// The cause of an error, where it is that something is too large.
fn oversize(error: &SinkError) -> Option<&DecodeError> {
    let cause: &DecodeError = error.source()?.downcast_ref()?;
    match cause {
        DecodeError::TooLarge { .. } | DecodeError::TooMany { .. } => Some(cause),
        DecodeError::Invalid(_) | DecodeError::UnsupportedMedia => None,
    }
}

const MEDIA_TYPE: &str = "application/problem+json";
