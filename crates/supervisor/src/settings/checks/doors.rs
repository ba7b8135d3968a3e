use super::Checks;
use crate::settings::Settings;

/// How events come in.
pub(super) fn check(settings: &Settings, checks: &mut Checks<'_>) {
    let http = &settings.http;
    let loopback = http.addr.ip().to_canonical().is_loopback();
    if !loopback && http.token.is_none() && !http.insecure {
        checks.refuse(
            [
                "CONSIGN_HTTP_ADDR",
                "CONSIGN_HTTP_TOKEN",
                "CONSIGN_HTTP_INSECURE",
            ],
            format!(
                "{} is not loopback; set CONSIGN_HTTP_TOKEN, or CONSIGN_HTTP_INSECURE=true",
                http.addr
            ),
        );
    }
    if let Some(token) = &http.token {
        let text = token.expose();
        if text.len() < SHORTEST_TOKEN {
            checks.refuse(
                ["CONSIGN_HTTP_TOKEN"],
                format!("is shorter than {SHORTEST_TOKEN} characters"),
            );
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            checks.refuse(
                ["CONSIGN_HTTP_TOKEN"],
                "has a character that a bearer token cannot have; use printable ASCII, no spaces",
            );
        }
    }
    if settings.max_event_bytes > http.max_body {
        checks.refuse(
            ["CONSIGN_MAX_EVENT_BYTES", "CONSIGN_HTTP_MAX_BODY"],
            format!(
                "{} is more than the {} of CONSIGN_HTTP_MAX_BODY",
                settings.max_event_bytes, http.max_body
            ),
        );
    }
}

const SHORTEST_TOKEN: usize = 16;
