use std::io::{self, BufRead};

use events_core::Event;
use events_core::codec::{self, Limits};
use events_core::json::{JsonProblem, Lexer};

/// Reads a file of one event a line, in bounded memory.
#[derive(Debug)]
pub struct Lines<R> {
    reader: R,
    number: u64,
    bytes: Vec<u8>,
}

/// One line, without its end.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// Its place in the file, from 1.
    pub number: u64,
    bytes: &'a [u8],
    end: End,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum End {
    Newline,
    File,
    TooLong,
}

/// What a line holds.
#[expect(
    clippy::large_enum_variant,
    reason = "one line is held at a time, and nearly every one is an event"
)]
pub(super) enum Content {
    Event(Event),
    /// Nothing but white space.
    Blank,
    /// The beginning of an event that was never written to its end.
    Torn,
    Unreadable,
}

impl<R: BufRead> Lines<R> {
    /// Reads from the start of a file.
    pub fn new(reader: R) -> Self {
        Self {
            reader,
            number: 0,
            bytes: Vec::new(),
        }
    }

    /// The next line, or `None` at the end of the file.
    ///
    /// # Errors
    /// What the reader meets.
    pub fn next_line(&mut self) -> io::Result<Option<Line<'_>>> {
        self.bytes.clear();
        let mut taken = 0;
        let mut end = End::File;
        while end == End::File {
            let available = match self.reader.fill_buf() {
                Ok([]) => break,
                Ok(available) => available,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let newline = available.iter().position(|byte| *byte == b'\n');
            let part = available
                .get(..newline.unwrap_or(available.len()))
                .unwrap_or_default();
            let room = LONGEST_LINE.saturating_sub(self.bytes.len());
            self.bytes.extend(part.iter().take(room));
            taken += part.len();
            let used = part.len() + usize::from(newline.is_some());
            self.reader.consume(used);
            if newline.is_some() {
                end = End::Newline;
            }
        }
        if end == End::File && taken == 0 {
            return Ok(None);
        }
        if taken > LONGEST_LINE {
            end = End::TooLong;
        }
        self.number += 1;
        Ok(Some(Line {
            number: self.number,
            bytes: &self.bytes,
            end,
        }))
    }
}

impl<'a> Line<'a> {
    /// A text that is whole, such as the payload of a message in a stream.
    #[must_use]
    pub fn whole(number: u64, bytes: &'a [u8]) -> Self {
        Self {
            number,
            bytes,
            end: End::Newline,
        }
    }

    pub(super) fn read(&self) -> Content {
        if self.end == End::TooLong {
            return Content::Unreadable;
        }
        if self
            .bytes
            .iter()
            .all(|byte| matches!(byte, b' ' | b'\t' | b'\r'))
        {
            return Content::Blank;
        }
        match codec::structured::decode(self.bytes, Limits::UNLIMITED) {
            Ok(event) => Content::Event(event),
            Err(_) if self.end == End::File && is_cut(self.bytes) => Content::Torn,
            Err(_) => Content::Unreadable,
        }
    }

    /// Whether the line is what the event's encoding is, white space between tokens aside.
    pub(super) fn is_as_written(&self, event: &Event) -> bool {
        let written = codec::structured::encode(event);
        self.bytes == written.as_bytes()
            || Significant::of(self.bytes).eq(Significant::of(written.as_bytes()))
    }
}

/// Whether the bytes are the beginning of a JSON text, whose rest is missing.
fn is_cut(bytes: &[u8]) -> bool {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        // Cut within a character.
        Err(error) if error.error_len().is_none() => {
            let whole = bytes.get(..error.valid_up_to()).unwrap_or_default();
            std::str::from_utf8(whole).unwrap_or_default()
        }
        Err(_) => return false,
    };
    let mut lexer = Lexer::new(text);
    let fault = loop {
        match lexer.next_token() {
            Ok(Some(_)) => {}
            Ok(None) => return false,
            Err(fault) => break fault,
        }
    };
    match fault.problem {
        JsonProblem::Truncated => true,
        // Cut between the halves of a surrogate pair: `\ud83d` with at most the backslash after.
        JsonProblem::Surrogate => {
            let rest = text.get(fault.offset..).unwrap_or_default();
            let is_high = matches!(
                rest.as_bytes().get(3),
                Some(b'8' | b'9' | b'a' | b'b' | b'A' | b'B')
            );
            is_high && (rest.len() == 6 || rest.len() == 7 && rest.ends_with('\\'))
        }
        _ => false,
    }
}

/// The bytes of a JSON text without white space between tokens.
struct Significant<'a> {
    bytes: std::slice::Iter<'a, u8>,
    state: Within,
}

enum Within {
    Nothing,
    String,
    Escape,
}

impl<'a> Significant<'a> {
    fn of(bytes: &'a [u8]) -> Self {
        Self {
            bytes: bytes.iter(),
            state: Within::Nothing,
        }
    }
}

impl Iterator for Significant<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        loop {
            let byte = *self.bytes.next()?;
            self.state = match (&self.state, byte) {
                (Within::Nothing, b' ' | b'\t' | b'\r' | b'\n') => continue,
                (Within::Nothing, b'"') => Within::String,
                (Within::Nothing, _) | (Within::String, b'"') => Within::Nothing,
                (Within::String, b'\\') => Within::Escape,
                (Within::String | Within::Escape, _) => Within::String,
            };
            return Some(byte);
        }
    }
}

/// More than any event takes, signature included.
const LONGEST_LINE: usize = 4 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::{Content, LONGEST_LINE, Line, Lines, is_cut};

    const EVENT: &str = concat!(
        r#"{"specversion":"1.0","id":"é😀","source":"/s","type":"t","n":-1,"b":true,"#,
        r#""data":{"a":[1.5e3,null,false,"\ud83d\ude00\n"],"ü":"é"}}"#
    );

    #[test]
    fn every_beginning_of_an_event_is_a_torn_tail() {
        for length in 1..EVENT.len() {
            assert!(is_cut(&EVENT.as_bytes()[..length]), "{length}");
        }
        assert!(!is_cut(EVENT.as_bytes()));
    }

    #[test]
    fn what_is_no_beginning_is_not_torn() {
        for text in [
            &b"}"[..],
            b"{} x",
            b"\xff",
            b"{\"a\":01",
            b"\"\\udc00",
            b"\"\\ud83d\\n",
            b"{'",
        ] {
            assert!(!is_cut(text), "{}", String::from_utf8_lossy(text));
        }
    }

    fn contents(text: &[u8]) -> String {
        let mut lines = Lines::new(text);
        let mut out = String::new();
        while let Some(line) = lines.next_line().unwrap() {
            out.push(match line.read() {
                Content::Event(_) => 'e',
                Content::Blank => 'b',
                Content::Torn => 't',
                Content::Unreadable => 'u',
            });
        }
        out
    }

    #[test]
    fn only_the_last_line_can_be_torn_and_only_without_its_end() {
        let half = &EVENT[..40];
        assert_eq!(contents(format!("{EVENT}\n{EVENT}").as_bytes()), "ee");
        assert_eq!(
            contents(format!("{EVENT}\r\n \t\n\n{half}").as_bytes()),
            "ebbt"
        );
        assert_eq!(contents(format!("{half}\n{EVENT}\n").as_bytes()), "ue");
        assert_eq!(contents(format!("{EVENT}\n[1]").as_bytes()), "eu");
        assert_eq!(contents(b""), "");
    }

    #[test]
    fn a_line_too_long_is_unreadable_and_takes_bounded_memory() {
        let padding = " ".repeat(2 * LONGEST_LINE);
        let text = format!("{EVENT}{padding}\n{EVENT}\n");
        let mut lines = Lines::new(text.as_bytes());
        let first = lines.next_line().unwrap().unwrap();
        assert!(matches!(first.read(), Content::Unreadable));
        assert_eq!(first.bytes.len(), LONGEST_LINE);
        let second = lines.next_line().unwrap().unwrap();
        assert!(matches!(second.read(), Content::Event(_)));
        assert_eq!(second.number, 2);
    }

    #[test]
    fn white_space_between_tokens_is_no_change_and_another_spelling_is() {
        let as_written = |text: &str| {
            let line = Line::whole(1, text.as_bytes());
            let Content::Event(event) = line.read() else {
                panic!("no event: {text}");
            };
            line.is_as_written(&event)
        };
        let text = r#"{"specversion":"1.0","id":"a b","source":"/s","type":"t","datacontenttype":"text/plain","data":"\u001b \" x"}"#;
        assert!(as_written(text));
        assert!(as_written(&text.replace("\",\"", "\" ,\t\"")));
        assert!(!as_written(&text.replace("001b", "001B")));
        assert!(!as_written(&text.replace("a b", "a\\u0020b")));
        assert!(!as_written(
            &text.replace(",\"source\"", ",\"x\":null,\"source\"")
        ));
    }
}
