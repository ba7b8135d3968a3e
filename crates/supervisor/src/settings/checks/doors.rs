use super::Checks;
use crate::settings::Settings;
use crate::settings::values::bearer_token;

/// How events come in.
pub(super) fn check(settings: &Settings, checks: &mut Checks<'_>) {
    let http = &settings.http;
    let loopback = http.addr.ip().to_canonical().is_loopback();
    if !loopback && http.token.is_none() && http.tokens.is_none() && !http.insecure {
        checks.refuse(
            [
                "CONSIGN_HTTP_ADDR",
                "CONSIGN_HTTP_TOKEN",
                "CONSIGN_HTTP_TOKENS_FILE",
                "CONSIGN_HTTP_INSECURE",
            ],
            format!(
                "{} is not loopback; set CONSIGN_HTTP_TOKEN or CONSIGN_HTTP_TOKENS_FILE, or CONSIGN_HTTP_INSECURE=true",
                http.addr
            ),
        );
    }
    if let Some(token) = &http.token {
        let parsed = bearer_token(token.expose());
        for fault in parsed.as_ref().err().into_iter().flatten() {
            checks.refuse(["CONSIGN_HTTP_TOKEN"], *fault);
        }
        let named = http.tokens.as_ref().zip(parsed.ok());
        if let Some(name) = named.and_then(|(tokens, token)| tokens.name_of(&token)) {
            checks.refuse(
                ["CONSIGN_HTTP_TOKENS_FILE", "CONSIGN_HTTP_TOKEN"],
                format!(
                    "token {name} is the one of CONSIGN_HTTP_TOKEN, which is good for everything"
                ),
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
