use std::fmt;

use super::{JsonError, JsonProblem, Lexer};

/// One JSON value as text that passed the lexer, on one line.
///
/// The bytes are those it was made from, but for white space around the value, which is dropped,
/// and line breaks between tokens, which become spaces (inside strings JSON allows none). Numbers
/// keep their digits, strings their escapes, objects their order. Debug shows the length alone.
#[derive(Clone, Eq, PartialEq)]
pub struct JsonText(Box<str>);

impl JsonText {
    /// Checks `text` and takes it over.
    ///
    /// # Errors
    /// The first fault of the text.
    pub fn parse(text: &str) -> Result<Self, JsonError> {
        let mut lexer = Lexer::new(text);
        let span = lexer.skip_value()?;
        lexer.next_token()?;
        Ok(Self::from_checked(text.get(span).unwrap_or_default()))
    }

    /// Checks bytes and takes them over.
    ///
    /// # Errors
    /// The first fault of the bytes, invalid UTF-8 included.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, JsonError> {
        Self::parse(utf8(bytes)?)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Takes over the text of a value that a lexer has read to its end.
    pub(crate) fn from_checked(text: &str) -> Self {
        if text.bytes().any(|byte| matches!(byte, b'\n' | b'\r')) {
            Self(text.replace(['\n', '\r'], " ").into_boxed_str())
        } else {
            Self(text.into())
        }
    }
}

impl fmt::Debug for JsonText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JsonText({} bytes)", self.0.len())
    }
}

/// The text that `bytes` encode in UTF-8.
pub(crate) fn utf8(bytes: &[u8]) -> Result<&str, JsonError> {
    let fault = |error: std::str::Utf8Error| JsonError::new(JsonProblem::Utf8, error.valid_up_to());
    std::str::from_utf8(bytes).map_err(fault)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Strategy, any, prop, prop_oneof, proptest};

    use super::JsonText;
    use crate::json::JsonProblem;

    fn problem(text: &str) -> JsonProblem {
        JsonText::parse(text).unwrap_err().problem
    }

    #[test]
    fn faults_are_named() {
        assert_eq!(problem(r#"{"a":1,"\u0061":2}"#), JsonProblem::DuplicateKey);
        assert_eq!(problem(r#"{"x":{"a":1,"a":2}}"#), JsonProblem::DuplicateKey);
        assert_eq!(problem(r#""\ud800""#), JsonProblem::Surrogate);
        assert_eq!(problem(r#""\udc00\ud800""#), JsonProblem::Surrogate);
        assert_eq!(problem(r#""\ud800A""#), JsonProblem::Surrogate);
        assert_eq!(problem("\"a\nb\""), JsonProblem::Control);
        assert_eq!(problem(r#""\x""#), JsonProblem::Escape);
        assert_eq!(problem("01"), JsonProblem::Trailing);
        assert_eq!(problem("1."), JsonProblem::Truncated);
        assert_eq!(problem("1.e3"), JsonProblem::Number);
        assert_eq!(problem("[1,]"), JsonProblem::Unexpected);
        assert_eq!(problem("{\"a\" 1}"), JsonProblem::Unexpected);
        assert_eq!(problem("[1}"), JsonProblem::Unexpected);
        assert_eq!(problem("nul"), JsonProblem::Truncated);
        assert_eq!(problem("nuL"), JsonProblem::Unexpected);
        assert_eq!(problem(""), JsonProblem::Truncated);
        assert_eq!(problem("{} {}"), JsonProblem::Trailing);
        assert_eq!(problem("\u{feff}{}"), JsonProblem::Unexpected);
        assert_eq!(
            JsonText::from_bytes(b"\"\xff\"").unwrap_err().problem,
            JsonProblem::Utf8
        );
    }

    #[test]
    fn nesting_is_limited_to_64_however_deep_the_text_is() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(JsonText::parse(&nested(64)).is_ok());
        assert_eq!(problem(&nested(65)), JsonProblem::Depth);
        assert_eq!(problem(&nested(100_000)), JsonProblem::Depth);
    }

    #[test]
    fn bytes_are_kept_but_for_line_breaks_and_outer_white_space() {
        let text = " {\"n\":\r\n 1.10, \"m\": [1e999, -0, 18446744073709551616]}\n";
        let kept = JsonText::parse(text).unwrap();
        assert_eq!(
            kept.as_str(),
            "{\"n\":   1.10, \"m\": [1e999, -0, 18446744073709551616]}"
        );
    }

    #[test]
    fn an_object_with_many_keys_is_read_in_linear_time_and_still_checked() {
        let members: Vec<String> = (0..50_000).map(|n| format!("\"k{n}\":{n}")).collect();
        let text = format!("{{{}}}", members.join(","));
        assert!(JsonText::parse(&text).is_ok());
        let doubled = format!("{{{},\"k7\":0}}", members.join(","));
        assert_eq!(problem(&doubled), JsonProblem::DuplicateKey);
    }

    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(serde_json::Value::from),
            any::<i64>().prop_map(serde_json::Value::from),
            any::<f64>().prop_map(serde_json::Value::from),
            any::<String>().prop_map(serde_json::Value::from),
        ];
        leaf.prop_recursive(6, 64, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(serde_json::Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(serde_json::Value::from_iter),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_serde_writes_is_accepted_unchanged(value in json()) {
            let text = value.to_string();
            assert_eq!(JsonText::parse(&text).unwrap().as_str(), text);
        }

        #[test]
        fn what_is_accepted_serde_accepts(text in r#"[\[\]{}",:0-9a-u\\ .eE+-]{0,24}"#) {
            if JsonText::parse(&text).is_ok() {
                serde_json::from_str::<serde::de::IgnoredAny>(&text).unwrap();
            }
        }
    }
}
