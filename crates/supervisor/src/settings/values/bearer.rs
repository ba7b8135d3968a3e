use events_http::Token;

/// A bearer token, from its own text or from `sha256:` and its digest.
///
/// # Errors
/// Everything that is wrong with it, in words that follow its name.
pub(crate) fn bearer_token(text: &str) -> Result<Token, Vec<&'static str>> {
    let mut faults = Vec::new();
    if text.len() < SHORTEST {
        faults.push("is shorter than 16 characters");
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        let what = "has a character that a bearer token cannot have; \
                    use printable ASCII, no spaces";
        faults.push(what);
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let wrong = "has something else than 64 hexadecimal digits after sha256:";
    text.parse().map_err(|_| vec![wrong])
}

const SHORTEST: usize = 16;
