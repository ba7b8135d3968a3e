use std::fmt;
use std::str::FromStr;

use super::text::check_text;
use crate::{Problem, Violations};

/// `datacontenttype`: a media type (RFC 2046), as it was received.
#[derive(Clone, Eq, PartialEq)]
pub struct MediaType(Box<str>);

impl MediaType {
    /// The media type of JSON.
    #[must_use]
    pub fn json() -> Self {
        Self("application/json".into())
    }

    /// The value as it was received.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it declares JSON: subtype `json` or a `+json` suffix, whatever the case and the
    /// parameters (CloudEvents JSON format, section 3.1).
    #[must_use]
    pub fn is_json(&self) -> bool {
        let essence = self.essence();
        essence.ends_with("/json") || essence.ends_with("+json")
    }

    /// Whether it declares text that is UTF-8 as far as its `charset` says.
    #[must_use]
    pub fn is_text(&self) -> bool {
        let essence = self.essence();
        let text = essence.starts_with("text/")
            || essence == "application/xml"
            || essence.ends_with("+xml");
        text && self.charset().is_none_or(|charset| {
            matches!(
                charset.to_ascii_lowercase().as_str(),
                "utf-8" | "utf8" | "us-ascii"
            )
        })
    }

    /// Type and subtype in lower case, without parameters.
    #[must_use]
    pub fn essence(&self) -> String {
        let essence = self.0.split(';').next().unwrap_or_default();
        essence.trim_end().to_ascii_lowercase()
    }

    fn charset(&self) -> Option<&str> {
        let parameters = self.0.split(';').skip(1);
        parameters
            .filter_map(|parameter| parameter.split_once('='))
            .find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))
            .map(|(_, value)| value.trim().trim_matches('"'))
    }
}

impl FromStr for MediaType {
    type Err = Violations;

    fn from_str(value: &str) -> Result<Self, Violations> {
        let refused = |problem| Violations::one("datacontenttype", problem);
        check_text(value).map_err(refused)?;
        let essence = value.split(';').next().unwrap_or_default().trim_end();
        let well_formed = essence
            .split_once('/')
            .is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype));
        if !well_formed || !value.is_ascii() {
            return Err(refused(Problem::MustBe(
                "a media type such as application/json",
            )));
        }
        Ok(Self(value.into()))
    }
}

impl fmt::Debug for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MediaType({} bytes)", self.0.len())
    }
}

/// A token of RFC 9110 section 5.6.2.
fn is_token(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::MediaType;

    fn parse(text: &str) -> MediaType {
        text.parse().unwrap()
    }

    #[test]
    fn json_is_recognised_whatever_the_case_and_parameters() {
        for json in [
            "application/json",
            "Application/JSON",
            "application/vnd.x+json; charset=utf-8",
            "text/json ;x=y",
        ] {
            assert!(parse(json).is_json(), "{json}");
        }
        assert!(!parse("application/jsonx").is_json());
    }

    #[test]
    fn text_of_another_charset_is_no_text() {
        assert!(parse("text/plain; charset=\"UTF-8\"").is_text());
        assert!(!parse("text/plain; charset=latin1").is_text());
        assert!(!parse("application/octet-stream").is_text());
    }

    #[test]
    fn malformed_types_are_refused() {
        for bad in ["", "json", "a/", "/b", "a b/c", "é/x"] {
            assert!(bad.parse::<MediaType>().is_err(), "{bad}");
        }
    }
}
