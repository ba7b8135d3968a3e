use std::str::FromStr;

use thiserror::Error;

/// What vendors add to a [`TraceParent`](crate::TraceParent): a list of keys and values (W3C Trace
/// Context, section 3.3), as the header and the attribute `tracestate` say it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TraceState(String);

/// A text that is no `tracestate`.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("a tracestate is a list of at most 32 key=value, each key once, of at most 512 bytes")]
pub struct NotATraceState;

impl TraceState {
    /// The extension attribute and the header that hold one.
    pub const NAME: &str = "tracestate";

    /// The list, its members in their order, without space around them.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TraceState {
    type Err = NotATraceState;

    fn from_str(text: &str) -> Result<Self, NotATraceState> {
        let members = text
            .split(',')
            .map(|member| member.trim_matches([' ', '\t']));
        let members: Vec<&str> = members.filter(|member| !member.is_empty()).collect();
        let mut keys = Vec::new();
        for member in &members {
            let (key, value) = member.split_once('=').ok_or(NotATraceState)?;
            if !is_key(key) || !is_value(value) || keys.contains(&key) {
                return Err(NotATraceState);
            }
            keys.push(key);
        }
        let state = members.join(",");
        let fits = (1..=MOST_MEMBERS).contains(&members.len()) && state.len() <= LONGEST;
        if fits {
            Ok(Self(state))
        } else {
            Err(NotATraceState)
        }
    }
}

/// `key` of section 3.3.1.3.1.
fn is_key(key: &str) -> bool {
    let plain = |text: &str, most: usize| {
        let allowed = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-*/".contains(&byte)
        };
        (1..=most).contains(&text.len()) && text.bytes().all(allowed)
    };
    let begins_with_letter = |text: &str| text.starts_with(|c: char| c.is_ascii_lowercase());
    match key.split_once('@') {
        None => plain(key, 256) && begins_with_letter(key),
        Some((tenant, system)) => {
            plain(tenant, 241) && plain(system, 14) && begins_with_letter(system)
        }
    }
}

/// `value` of section 3.3.1.3.2; the space at its end is gone by now.
fn is_value(value: &str) -> bool {
    let allowed = |byte: u8| matches!(byte, 0x20..=0x7e) && byte != b'=';
    (1..=256).contains(&value.len()) && value.bytes().all(allowed)
}

const MOST_MEMBERS: usize = 32;

/// As much as the standard asks to pass on.
const LONGEST: usize = 512;

#[cfg(test)]
mod tests {
    use super::TraceState;

    #[test]
    fn a_list_is_read_and_written_without_what_it_does_not_need() {
        for (text, expected) in [
            ("a=1", "a=1"),
            (" a=1 ,\tb@c=x y ,,", "a=1,b@c=x y"),
            ("1tenant@sys=t", "1tenant@sys=t"),
        ] {
            assert_eq!(text.parse::<TraceState>().unwrap().as_str(), expected);
        }
        let many: Vec<String> = (0..33).map(|n| format!("a{n}=1")).collect();
        let long = format!("a={}", "x".repeat(511));
        for text in [
            "",
            ",",
            "a",
            "=1",
            "A=1",
            "a=1,a=2",
            "a=1=2",
            "a=\r\nb",
            "a=\u{e9}",
            &many.join(","),
            &long,
        ] {
            assert!(text.parse::<TraceState>().is_err(), "{text}");
        }
    }
}
