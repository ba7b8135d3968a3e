//! Names of secrets with something assigned to them, as in code, commands, headers and logs.

use std::ops::Range;

/// `name = value`, in one of many spellings.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Assignment {
    pub(crate) name: Range<usize>,
    pub(crate) form: Form,
    /// The value without quotes. Up to the end of the line in [`Form::Header`].
    pub(crate) value: Range<usize>,
}

/// How much an assignment looks like one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Form {
    /// `"name": "value"`
    Member,
    /// `name=value`
    Tight,
    /// `-H "name: value"`
    Header,
    /// `--name value`
    Flag,
    /// `name: value`, `name := 'value'`, `<name>value`, …
    Loose,
}

impl Assignment {
    /// The name around `keyword`, and whether anything is assigned to it.
    pub(crate) fn around(text: &[u8], keyword: &Range<usize>) -> (Range<usize>, Option<Self>) {
        let name = name_around(text, keyword);
        let assignment = Reader { text, at: name.end }.assignment(&name);
        (name, assignment)
    }
}

/// Reads on from the end of a name.
struct Reader<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Reader<'t> {
    fn assignment(mut self, name: &Range<usize>) -> Option<Assignment> {
        let closed = self.quote().is_some();
        if closed && self.peek() == Some(b']') {
            self.at += 1;
        }
        let gap = self.skip(GAP, |byte| matches!(byte, b' ' | b'\t'));
        let operator = self.operator(closed);
        let form = match operator {
            [] => self.flag(name, closed, gap)?,
            _ if self.is_header(name) => Form::Header,
            b"=" if !closed && gap == 0 && !self.peek()?.is_ascii_whitespace() => Form::Tight,
            _ => Form::Loose,
        };
        let over_lines = operator.contains(&b'>');
        self.skip(GAP, |byte| {
            matches!(byte, b' ' | b'\t') || over_lines && byte.is_ascii_whitespace()
        });
        let (form, value) = match (form, self.quote()) {
            (Form::Header, _) => (form, self.up_to(|byte| matches!(byte, b'"' | b'\''))),
            (_, Some(quote)) if closed => (Form::Member, self.up_to(|byte| byte == quote)),
            (_, Some(quote)) => (form, self.up_to(|byte| byte == quote)),
            (Form::Tight, None) => (form, self.up_to(ends_tight_value)),
            (_, None) => (form, self.loose_value()),
        };
        let name = name.clone();
        Some(Assignment { name, form, value })
    }

    /// The signs between name and value; none where they are not those of an assignment.
    fn operator(&mut self, closed: bool) -> &'t [u8] {
        let start = self.at;
        self.skip(OPERATOR, |byte| {
            matches!(byte, b':' | b'=' | b'>' | b'?' | b'|' | b'.' | b',')
        });
        let operator = self.text.get(start..self.at).unwrap_or_default();
        let assigns = |byte: &u8| matches!(byte, b':' | b'=' | b'>') || closed && *byte == b',';
        if operator.iter().any(assigns) {
            operator
        } else {
            &[]
        }
    }

    /// `--name value`: the sign of an assignment is a space.
    fn flag(&self, name: &Range<usize>, closed: bool, gap: usize) -> Option<Form> {
        let dashed = self.text.get(name.start) == Some(&b'-');
        (dashed && !closed && gap > 0).then_some(Form::Flag)
    }

    /// Whether the name stands right after `-H "` or `--header "`.
    fn is_header(&self, name: &Range<usize>) -> bool {
        let before = self.text.get(..name.start).unwrap_or_default();
        let Some((b'"' | b'\'', before)) = before.split_last() else {
            return false;
        };
        let before = before.trim_ascii_end();
        before.ends_with(b"-H") || before.ends_with(b"--header") || before.ends_with(b"--header=")
    }

    fn quote(&mut self) -> Option<u8> {
        let escaped = usize::from(self.peek() == Some(b'\\'));
        let quote = self.text.get(self.at + escaped).copied();
        let quote = quote.filter(|byte| matches!(byte, b'"' | b'\'' | b'`'))?;
        self.at += escaped + 1;
        Some(quote)
    }

    /// What stands up to a byte that ends it, or a backslash before one, on the same line.
    fn up_to(&self, ends: impl Fn(u8) -> bool) -> Range<usize> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let stop = |byte: &u8| ends(*byte) || matches!(byte, b'\n' | b'\r');
        let length = rest.iter().position(stop).unwrap_or(rest.len());
        let value = rest.get(..length).unwrap_or_default();
        let escaped = length < rest.len() && value.ends_with(b"\\");
        self.at..self.at + length - usize::from(escaped)
    }

    /// A word that holds no operator but the padding of base64.
    fn loose_value(&self) -> Range<usize> {
        let word = self.up_to(|byte| ends_tight_value(byte) || matches!(byte, b':' | b'='));
        let rest = self.text.get(word.end..).unwrap_or_default();
        let padding = rest
            .iter()
            .take(2)
            .take_while(|byte| **byte == b'=')
            .count();
        word.start..word.end + padding
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn skip(&mut self, most: usize, skips: impl Fn(u8) -> bool) -> usize {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = rest
            .iter()
            .take(most)
            .take_while(|byte| skips(**byte))
            .count();
        self.at += length;
        length
    }
}

fn name_around(text: &[u8], keyword: &Range<usize>) -> Range<usize> {
    let in_name = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let before = text.get(..keyword.start).unwrap_or_default();
    let after = text.get(keyword.end..).unwrap_or_default();
    let left = before
        .iter()
        .rev()
        .take(LONGEST_NAME)
        .take_while(in_name)
        .count();
    let right = after.iter().take(LONGEST_NAME).take_while(in_name).count();
    // The dots of `token.=` belong to the operator, and `password.` ends a sentence.
    let name = text
        .get(keyword.start..keyword.end + right)
        .unwrap_or_default();
    let dots = name.iter().rev().take_while(|byte| **byte == b'.').count();
    keyword.start - left..keyword.end + right - dots.min(right)
}

fn ends_tight_value(byte: u8) -> bool {
    byte.is_ascii_whitespace()
        || matches!(
            byte,
            b'"' | b'\'' | b'`' | b'<' | b'>' | b',' | b';' | b'&' | b'|'
        )
}

const GAP: usize = 8;
const OPERATOR: usize = 5;
const LONGEST_NAME: usize = 64;

#[cfg(test)]
mod tests {
    use super::{Assignment, Form};

    fn parsed(text: &str) -> Option<(Form, &str, &str)> {
        let at = text.find("token").unwrap();
        let (_, assignment) = Assignment::around(text.as_bytes(), &(at..at + 5));
        assignment.map(|found| (found.form, &text[found.name], &text[found.value]))
    }

    #[test]
    fn spellings_are_told_apart() {
        for (text, expected) in [
            (
                r#"{"my_token": "abc def"}"#,
                (Form::Member, "my_token", "abc def"),
            ),
            (r#"{\"token\":\"abc\"}"#, (Form::Member, "token", "abc")),
            ("'token' => 'abc'", (Form::Member, "token", "abc")),
            ("set(\"token\", \"abc\")", (Form::Member, "token", "abc")),
            ("env[\"token\"] = \"abc\"", (Form::Member, "token", "abc")),
            ("?token=a:b&c", (Form::Tight, "token", "a:b")),
            ("x.token=\"a b\"", (Form::Tight, "x.token", "a b")),
            ("-H \"token: abc def\"", (Form::Header, "token", "abc def")),
            ("--token abc", (Form::Flag, "--token", "abc")),
            ("token: abc, d", (Form::Loose, "token", "abc")),
            ("token :::= `abc`", (Form::Loose, "token", "abc")),
            ("token .= 'abc'", (Form::Loose, "token", "abc")),
            ("token = abc==", (Form::Loose, "token", "abc==")),
            ("<token>\n  abc\n</token>", (Form::Loose, "token", "abc")),
        ] {
            assert_eq!(parsed(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn prose_is_no_assignment() {
        for text in [
            "the token is abc",
            "token, abc",
            "a token. Then",
            "tokens?",
            "token",
        ] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }
}
