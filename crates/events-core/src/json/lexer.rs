use std::fmt;
use std::ops::Range;

use super::duplicates::Keys;
use super::number::end_of_number;
use super::string::end_of_string;
use super::{JsonError, JsonProblem, MAX_DEPTH};

/// Reads one JSON value token by token, refusing all that the module's rules refuse.
///
/// Borrows the text and allocates only for the keys of open objects. After the last token,
/// [`next_token`](Self::next_token) returns `None`; after an error, call it no more.
pub struct Lexer<'a> {
    text: &'a str,
    most_depth: usize,
    at: usize,
    state: State,
    open: Vec<Container>,
    keys: Keys<'a>,
}

/// One token and the bytes it takes in the text.
#[derive(Clone, Eq, PartialEq)]
pub struct Token<'a> {
    /// What it is.
    pub kind: TokenKind,
    /// Its text, for strings and keys with their quotes.
    pub raw: &'a str,
    /// Where `raw` stands in the text.
    pub span: Range<usize>,
}

/// The kinds of token. Commas and colons are checked and not reported.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TokenKind {
    /// `{`
    ObjectStart,
    /// `}`
    ObjectEnd,
    /// `[`
    ArrayStart,
    /// `]`
    ArrayEnd,
    /// A member's name.
    Key,
    /// A string that is a value.
    String,
    /// A number, uninterpreted.
    Number,
    /// `true`
    True,
    /// `false`
    False,
    /// `null`
    Null,
}

impl<'a> Lexer<'a> {
    /// A lexer at the start of `text`, for values that nest up to [`MAX_DEPTH`] levels.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self::within(text, MAX_DEPTH)
    }

    /// A lexer for values that nest up to `most_depth` levels.
    #[must_use]
    pub fn within(text: &'a str, most_depth: usize) -> Self {
        Self {
            text,
            most_depth,
            at: 0,
            state: State::Value,
            open: Vec::new(),
            keys: Keys::default(),
        }
    }

    /// The next token, or `None` once the value and the white space after it are read.
    ///
    /// # Errors
    /// The first fault of the text.
    pub fn next_token(&mut self) -> Result<Option<Token<'a>>, JsonError> {
        loop {
            let Some(byte) = self.skip_white_space() else {
                return match self.state {
                    State::Done => Ok(None),
                    _ => Err(self.fault(JsonProblem::Truncated)),
                };
            };
            match (self.state, byte) {
                (State::Done, _) => return Err(self.fault(JsonProblem::Trailing)),
                (State::AfterKey, b':') => self.step(State::Value),
                (State::AfterValue, b',') => self.comma(),
                (State::AfterValue | State::FirstElement, b']') => {
                    return self.close(Container::Array).map(Some);
                }
                (State::AfterValue | State::FirstKey, b'}') => {
                    return self.close(Container::Object).map(Some);
                }
                (State::FirstKey | State::Key, b'"') => return self.key().map(Some),
                (State::Value | State::FirstElement, _) => return self.value(byte).map(Some),
                _ => return Err(self.fault(JsonProblem::Unexpected)),
            }
        }
    }

    /// Reads on until the value that starts at the next token is complete, and returns its span.
    ///
    /// # Errors
    /// The first fault in the value.
    pub fn skip_value(&mut self) -> Result<Range<usize>, JsonError> {
        let outside = self.open.len();
        let first = self
            .next_token()?
            .ok_or_else(|| self.fault(JsonProblem::Truncated))?;
        let mut end = first.span.end;
        while self.open.len() > outside {
            let token = self
                .next_token()?
                .ok_or_else(|| self.fault(JsonProblem::Truncated))?;
            end = token.span.end;
        }
        Ok(first.span.start..end)
    }

    /// How many arrays and objects are open.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    fn value(&mut self, first: u8) -> Result<Token<'a>, JsonError> {
        let (kind, end) = match first {
            b'{' => return self.open(Container::Object),
            b'[' => return self.open(Container::Array),
            b'"' => (TokenKind::String, end_of_string(self.text, self.at)?),
            b'-' | b'0'..=b'9' => (
                TokenKind::Number,
                end_of_number(self.text.as_bytes(), self.at)?,
            ),
            b't' => (TokenKind::True, self.end_of_word("true")?),
            b'f' => (TokenKind::False, self.end_of_word("false")?),
            b'n' => (TokenKind::Null, self.end_of_word("null")?),
            _ => return Err(self.fault(JsonProblem::Unexpected)),
        };
        let token = self.token(kind, end);
        self.state = self.after_value();
        Ok(token)
    }

    fn key(&mut self) -> Result<Token<'a>, JsonError> {
        let end = end_of_string(self.text, self.at)?;
        let token = self.token(TokenKind::Key, end);
        if !self.keys.insert(token.raw) {
            return Err(JsonError::new(JsonProblem::DuplicateKey, token.span.start));
        }
        self.state = State::AfterKey;
        Ok(token)
    }

    fn open(&mut self, container: Container) -> Result<Token<'a>, JsonError> {
        if self.open.len() >= self.most_depth {
            return Err(self.fault(JsonProblem::Depth));
        }
        self.open.push(container);
        let (kind, state) = match container {
            Container::Object => {
                self.keys.open();
                (TokenKind::ObjectStart, State::FirstKey)
            }
            Container::Array => (TokenKind::ArrayStart, State::FirstElement),
        };
        self.state = state;
        Ok(self.token(kind, self.at + 1))
    }

    fn close(&mut self, container: Container) -> Result<Token<'a>, JsonError> {
        if self.open.last() != Some(&container) {
            return Err(self.fault(JsonProblem::Unexpected));
        }
        self.open.pop();
        let kind = match container {
            Container::Object => {
                self.keys.close();
                TokenKind::ObjectEnd
            }
            Container::Array => TokenKind::ArrayEnd,
        };
        self.state = self.after_value();
        Ok(self.token(kind, self.at + 1))
    }

    fn comma(&mut self) {
        let next = match self.open.last() {
            Some(Container::Object) => State::Key,
            _ => State::Value,
        };
        self.step(next);
    }

    fn step(&mut self, state: State) {
        self.at += 1;
        self.state = state;
    }

    fn token(&mut self, kind: TokenKind, end: usize) -> Token<'a> {
        let span = self.at..end;
        self.at = end;
        Token {
            kind,
            raw: self.text.get(span.clone()).unwrap_or_default(),
            span,
        }
    }

    fn end_of_word(&self, word: &str) -> Result<usize, JsonError> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if rest.starts_with(word) {
            return Ok(self.at + word.len());
        }
        let cut = word.starts_with(rest);
        Err(self.fault(if cut {
            JsonProblem::Truncated
        } else {
            JsonProblem::Unexpected
        }))
    }

    fn skip_white_space(&mut self) -> Option<u8> {
        let rest = self.text.as_bytes().get(self.at..)?;
        let skipped = rest
            .iter()
            .position(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
        self.at += skipped.unwrap_or(rest.len());
        self.text.as_bytes().get(self.at).copied()
    }

    fn after_value(&self) -> State {
        if self.open.is_empty() {
            State::Done
        } else {
            State::AfterValue
        }
    }

    fn fault(&self, problem: JsonProblem) -> JsonError {
        JsonError::new(problem, self.at)
    }
}

impl fmt::Debug for Lexer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lexer(at byte {} of {})", self.at, self.text.len())
    }
}

impl fmt::Debug for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}({:?})", self.kind, self.span)
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Container {
    Object,
    Array,
}

/// What the grammar allows next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    Value,
    FirstElement,
    FirstKey,
    Key,
    AfterKey,
    AfterValue,
    Done,
}
