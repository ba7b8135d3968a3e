//! Which of the values assigned to the names of secrets are secrets.

use std::ops::Range;

use super::assignment::{Assignment, Form};
use super::entropy::{entropy, is_mixed};
use super::placeholder::is_placeholder;
use crate::edit::Found;
use crate::key_names::KeyNames;

/// The secret that `assignment` makes, if it is one.
pub(crate) fn secret(text: &[u8], assignment: &Assignment, names: &KeyNames) -> Option<Found> {
    let name = std::str::from_utf8(text.get(assignment.name.clone())?).ok()?;
    if !names.matches(name) {
        return None;
    }
    let lower = name.to_ascii_lowercase();
    if lower.ends_with("authorization") {
        return authorization(text, assignment);
    }
    if lower.ends_with("cookie") && assignment.form != Form::Tight {
        return cookie(text, assignment);
    }
    let value = text.get(assignment.value.clone())?;
    if is_placeholder(value) || value.starts_with(b"$(") || value.starts_with(b"<") {
        return None;
    }
    let secret = match assignment.form {
        Form::Member => true,
        Form::Tight => value.len() >= 6 && is_mixed(value),
        Form::Header | Form::Flag => value.len() >= 8,
        Form::Loose => is_random(value),
    };
    secret.then(|| Found::new(assignment.value.clone(), "assigned-secret"))
}

/// The token that follows the word `Bearer` (RFC 6750 section 2.1), which ends at `end`.
pub(crate) fn bearer(text: &[u8], end: usize) -> Option<Found> {
    let rest = text.get(end..)?;
    let gap = rest.iter().take_while(|byte| **byte == b' ').count();
    let in_token = |byte: &&u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(byte);
    let length = rest.iter().skip(gap).take_while(in_token).count();
    let token = rest.get(gap..gap + length)?;
    let secret = (1..=4).contains(&gap)
        && length >= 16
        && token.iter().any(u8::is_ascii_digit)
        && entropy(token) >= 3.0;
    let start = end + gap;
    secret.then(|| Found::new(start..start + length, "bearer-token"))
}

/// The credentials of an `Authorization` header (RFC 9110 section 11.4), without the scheme.
fn authorization(text: &[u8], assignment: &Assignment) -> Option<Found> {
    let mut word = word_at(text, assignment.value.start);
    let first = text.get(word.clone())?;
    if SCHEMES
        .iter()
        .any(|scheme| first.eq_ignore_ascii_case(scheme))
    {
        let rest = text.get(word.end..)?;
        let gap = rest
            .iter()
            .take_while(|byte| matches!(byte, b' ' | b'\t'))
            .count();
        word = word_at(text, word.end + gap);
    }
    let value = text.get(word.clone())?;
    let telling = value.iter().any(u8::is_ascii_digit)
        || value.iter().any(u8::is_ascii_uppercase) && value.iter().any(u8::is_ascii_lowercase);
    let secret = value.len() >= 8 && telling && !is_placeholder(value) && !value.starts_with(b"<");
    secret.then(|| Found::new(word, "authorization-header"))
}

/// The cookies of a `Cookie` or `Set-Cookie` header (RFC 6265 section 4), to the end of its line
/// or the quote that ends it.
fn cookie(text: &[u8], assignment: &Assignment) -> Option<Found> {
    let start = assignment.value.start;
    let rest = text.get(start..)?;
    let in_name = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    let name = rest.iter().take_while(in_name).count();
    if name == 0 || rest.get(name) != Some(&b'=') {
        return None;
    }
    let ends = |byte: &u8| matches!(byte, b'\n' | b'\r' | b'"' | b'\'' | b'\\');
    let end = start + rest.iter().position(ends).unwrap_or(rest.len());
    let value = text.get(start + name + 1..end)?;
    (!is_placeholder(value)).then(|| Found::new(start..end, "cookie-header"))
}

/// The word that starts at `start`: up to white space, a quote or a backslash.
fn word_at(text: &[u8], start: usize) -> Range<usize> {
    let rest = text.get(start..).unwrap_or_default();
    let in_word =
        |byte: &&u8| !byte.is_ascii_whitespace() && !matches!(byte, b'"' | b'\'' | b'`' | b'\\');
    start..start + rest.iter().take_while(in_word).count()
}

/// Whether a value is random enough for a secret where only its name says so.
fn is_random(value: &[u8]) -> bool {
    value.len() >= 12
        && value.iter().any(u8::is_ascii_digit)
        && value.iter().any(u8::is_ascii_alphabetic)
        && !value.iter().any(u8::is_ascii_whitespace)
        && !value.starts_with(b"/")
        && !value.ends_with(b"EXAMPLE")
        && !value.ends_with(b"EXAMPLEKEY")
        && entropy(value) >= 3.5
}

const SCHEMES: [&[u8]; 12] = [
    b"apikey",
    b"aws4-hmac-sha256",
    b"basic",
    b"bearer",
    b"digest",
    b"dpop",
    b"hawk",
    b"hmac",
    b"key",
    b"negotiate",
    b"oauth",
    b"token",
];

#[cfg(test)]
mod tests {
    use super::{Assignment, bearer, secret};
    use crate::key_names::KeyNames;

    fn found<'t>(keyword: &str, text: &'t str) -> Option<&'t str> {
        let at = text.to_lowercase().find(keyword).unwrap();
        let (_, assignment) = Assignment::around(text.as_bytes(), &(at..at + keyword.len()));
        let found = secret(text.as_bytes(), &assignment?, &KeyNames::builtin())?;
        Some(&text[found.range])
    }

    #[test]
    fn the_clearer_the_form_the_weaker_the_value_may_be() {
        assert_eq!(found("password", r#""password": "abc""#), Some("abc"));
        assert_eq!(
            found("password", "Password=hunter2;Server=x"),
            Some("hunter2")
        );
        assert_eq!(found("password", "password=required"), None);
        assert_eq!(
            found("password", "--password correcthorse"),
            Some("correcthorse")
        );
        assert_eq!(found("password", "password: hunter2"), None);
        assert_eq!(
            found("secret", "secret: 9f8aK2mQ7xLp3Zr"),
            Some("9f8aK2mQ7xLp3Zr")
        );
        assert_eq!(found("token", "token_count: 9f8aK2mQ7xLp3Zr"), None);
        assert_eq!(found("password", "password=${DB_PASSWORD}"), None);
    }

    #[test]
    fn headers_lose_their_credentials_and_keep_the_scheme() {
        assert_eq!(
            found("authoriz", "Authorization: Basic YXBpOmtleQ== x"),
            Some("YXBpOmtleQ==")
        );
        assert_eq!(
            found("authoriz", "Authorization:  5eb4223e-5008-46e5"),
            Some("5eb4223e-5008-46e5")
        );
        assert_eq!(
            found("authoriz", "Authorization: required for admin1"),
            None
        );
        assert_eq!(
            found("authoriz", "-H 'Authorization: Bearer <your token>'"),
            None
        );
        assert_eq!(
            found("cookie", "Set-Cookie: id=1; Path=/\nX: y"),
            Some("id=1; Path=/")
        );
        assert_eq!(found("cookie", "cookie: chocolate chip"), None);
    }

    #[test]
    fn a_bearer_token_needs_no_header() {
        let text = b"Bearer mF_9.B5f-4.1JqM4abcd!";
        assert_eq!(bearer(text, 6).unwrap().range, 7..27);
        assert!(bearer(b"Bearer authentication-is-required", 6).is_none());
    }
}
