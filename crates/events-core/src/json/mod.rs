//! Strict JSON text: a lexer that keeps every byte's place, and text that passed it.
//!
//! RFC 8259 with the freedom it leaves taken away: duplicate keys, lone surrogates and deep
//! nesting are refused, numbers are never interpreted. serde_json keeps the last of two equal
//! keys and no positions, so it can neither guard a signature nor edit a document in place.

mod duplicates;
mod error;
mod lexer;
mod number;
mod string;
mod text;

pub use error::{JsonError, JsonProblem};
pub use lexer::{Lexer, Token, TokenKind};
pub use string::{Text, decode_string, encode_string};
pub use text::JsonText;
pub(crate) use text::utf8;

/// The deepest nesting of arrays and objects that is accepted in a value. An event's own object is
/// one level more.
pub const MAX_DEPTH: usize = 64;
