use memchr::memmem::Finder;
use regex::bytes::Regex;

use super::placeholder::is_placeholder;
use crate::edit::{Found, MOST_FOUND};

/// The password in a URL: `scheme://user:password@host` (RFC 3986 section 3.2.1).
#[derive(Debug)]
pub(crate) struct UserInfo {
    authority: Finder<'static>,
    pattern: Regex,
}

impl UserInfo {
    /// `None` where the pattern is no regular expression, which a test rules out.
    pub(crate) fn new() -> Option<Self> {
        Some(Self {
            authority: Finder::new("://"),
            pattern: Regex::new(r#"(?-u)\A[^\s/?#:@"'<>\\]*:([^\s/?#"'<>\\]+)@"#).ok()?,
        })
    }

    /// Whether a password stands in a URL in `text`.
    pub(crate) fn is_in(&self, text: &[u8]) -> bool {
        self.passwords(text).next().is_some()
    }

    /// Adds the passwords in URLs in `text`.
    pub(crate) fn find(&self, text: &[u8], found: &mut Vec<Found>) {
        found.extend(self.passwords(text).take(MOST_FOUND + 1));
    }

    fn passwords<'t>(&'t self, text: &'t [u8]) -> impl Iterator<Item = Found> + 't {
        let with_at = memchr::memchr(b'@', text).map(|_| text);
        let starts = self.authority.find_iter(with_at.unwrap_or_default());
        starts.filter_map(|separator| {
            let start = separator + 3;
            let password = self.pattern.captures(text.get(start..)?)?.get(1)?;
            let range = start + password.start()..start + password.end();
            (!is_placeholder(password.as_bytes())).then(|| Found::new(range, RULE))
        })
    }
}

const RULE: &str = "url-userinfo";

#[cfg(test)]
mod tests {
    use super::UserInfo;

    fn passwords(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        UserInfo::new().unwrap().find(text.as_bytes(), &mut found);
        found.into_iter().map(|found| &text[found.range]).collect()
    }

    #[test]
    fn passwords_are_found_up_to_the_last_at() {
        assert_eq!(
            passwords("postgres://bob:p@ss:w@db/x and amqp://:pw@h"),
            ["p@ss:w", "pw"]
        );
    }

    #[test]
    fn ports_addresses_and_placeholders_are_none() {
        for text in [
            "https://example.com:8443/@user",
            "https://bob@example.com",
            "see http://a.example and mail bob@example.com: now@once",
            "postgres://bob:${PASSWORD}@db",
            "https://user:[REDACTED:url-userinfo]@host",
            "https://user:redacted-url-userinfo-abcdefghij@host",
        ] {
            assert_eq!(passwords(text), Vec::<&str>::new(), "{text}");
        }
    }
}
