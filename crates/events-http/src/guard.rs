//! Who may ask: a request must name a host of ours and, where there are any, show a token that is
//! good for what it asks.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{AUTHORIZATION, HOST, WWW_AUTHENTICATE};
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, StatusCode, Version};

use crate::access::{Grant, Need};
use crate::app::App;
use crate::problem::Problem;
use crate::router::{self, OPEN};

pub(crate) async fn check(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Response {
    match named_host(&request) {
        Ok(Some(host)) if !app.hosts.allow(&host) => return foreign_host().into_response(),
        Ok(_) => {}
        Err(problem) => return problem.into_response(),
    }
    let open = OPEN.contains(&request.uri().path());
    if open || app.keyring.is_open() {
        let everything = Arc::new(Grant::everything());
        request.extensions_mut().insert(everything);
        return next.run(request).await;
    }
    let Some(text) = shown(request.headers()) else {
        return unauthorized("Bearer");
    };
    let Some(grant) = app.keyring.grant(text) else {
        return unauthorized("Bearer error=\"invalid_token\"");
    };
    let need = router::need(request.extensions().get(), request.method());
    if !grant.allows(need) {
        return not_enough(need);
    }
    request.extensions_mut().insert(grant);
    next.run(request).await
}

/// The host a request names, in its target or else its `Host` header (RFC 9112, section 3.2).
/// Only HTTP/1.0 knows requests that name none, and no browser sends those.
fn named_host(request: &Request) -> Result<Option<Authority>, Problem> {
    let mut headers = request.headers().get_all(HOST).iter();
    let (host, more) = (headers.next(), headers.next());
    if more.is_some() || (host.is_none() && request.version() >= Version::HTTP_11) {
        return Err(Problem::bad_request(
            "a request needs exactly one Host header",
        ));
    }
    if let Some(authority) = request.uri().authority() {
        return Ok(Some(authority.clone()));
    }
    let parse = |value: &HeaderValue| Authority::try_from(value.as_bytes());
    host.map(parse)
        .transpose()
        .map_err(|_| Problem::bad_request("the Host header is malformed"))
}

/// The bearer token that a request shows (RFC 6750, section 2.1).
fn shown(headers: &HeaderMap) -> Option<&[u8]> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next()?.as_bytes();
    if values.next().is_some() {
        return None;
    }
    let (scheme, rest) = value.split_at_checked(SCHEME.len())?;
    let token = rest.trim_ascii();
    (scheme.eq_ignore_ascii_case(SCHEME) && rest.starts_with(b" ")).then_some(token)
}

fn foreign_host() -> Problem {
    let title = "The host is not served here";
    let detail = "the Host header names neither this address nor a host that is allowed";
    Problem::new(StatusCode::FORBIDDEN, "foreign-host", title, detail)
}

/// A good token without the scope (RFC 6750, section 3.1).
fn not_enough(need: Need) -> Response {
    let scope = need.as_str();
    let detail = format!("this needs a token with the scope {scope}");
    let mut response = Problem::forbidden(detail).into_response();
    let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\"");
    if let Ok(challenge) = HeaderValue::try_from(challenge) {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

fn unauthorized(challenge: &'static str) -> Response {
    let title = "A token is needed";
    let detail = "the header Authorization must show the bearer token";
    let problem = Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", title, detail);
    let mut response = problem.into_response();
    let challenge = HeaderValue::from_static(challenge);
    response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    response
}

const SCHEME: &[u8] = b"Bearer";

#[cfg(test)]
mod tests {
    use http::header::AUTHORIZATION;
    use http::{HeaderMap, HeaderValue};

    use super::shown;

    #[test]
    fn only_one_bearer_token_is_a_token() {
        let shows = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(AUTHORIZATION, HeaderValue::from_static(value));
            }
            shown(&headers).map(<[u8]>::to_vec)
        };
        assert_eq!(shows(&["Bearer abc"]).unwrap(), b"abc");
        assert_eq!(shows(&["bearer   abc"]).unwrap(), b"abc");
        for values in [
            &["Basic abc"][..],
            &["Bearerabc"],
            &["Bear"],
            &[],
            &["Bearer a", "Bearer a"],
        ] {
            assert_eq!(shows(values), None, "{values:?}");
        }
    }
}
