use std::borrow::Cow;

use aho_corasick::AhoCorasick;
use aho_corasick::packed::{Config, MatchKind, Searcher};

use crate::key_names::plain;

/// Tells in one fast pass whether any of a set of texts stands in another, so that most texts are
/// never looked at by any rule.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    /// Looked for as they are.
    exact: Vec<Needles>,
    /// Looked for where letters are in lower case and separators are `_`.
    plain: Vec<Needles>,
}

/// A set of texts in the form that is fastest to look for here.
#[derive(Debug)]
enum Needles {
    Packed(Searcher),
    Automaton(AhoCorasick),
}

impl Gate {
    /// A gate that opens for `exact` literals, and for `names` in any case and with any of `-`,
    /// `.`, ` ` for `_`. `None` where there are more literals than an automaton can hold.
    pub(crate) fn new(exact: &[&str], names: &[Cow<'_, str>]) -> Option<Self> {
        let mut gate = Self::default();
        for some in exact.chunks(MOST_PACKED) {
            let texts: Vec<_> = some.iter().map(|text| text.as_bytes().to_vec()).collect();
            gate.exact.push(Needles::new(&texts)?);
        }
        for some in names.chunks(MOST_PACKED) {
            let plain = |text: &Cow<'_, str>| text.bytes().map(plain).take(LONGEST_NAME).collect();
            let texts: Vec<_> = some.iter().map(plain).collect();
            gate.plain.push(Needles::new(&texts)?);
        }
        Some(gate)
    }

    /// Whether any of the literals stands in `text`.
    pub(crate) fn opens(&self, text: &[u8]) -> bool {
        self.exact.iter().any(|needles| needles.stand_in(text)) || self.opens_plainly(text)
    }

    /// Copies the text piece by piece to the stack, so that nothing is allocated.
    fn opens_plainly(&self, text: &[u8]) -> bool {
        if self.plain.is_empty() {
            return false;
        }
        let mut rest = text;
        let mut piece = [0; PIECE];
        loop {
            let length = rest.len().min(PIECE);
            for (to, from) in piece.iter_mut().zip(rest) {
                *to = plain(*from);
            }
            let copy = piece.get(..length).unwrap_or_default();
            if self.plain.iter().any(|needles| needles.stand_in(copy)) {
                return true;
            }
            if length < PIECE {
                return false;
            }
            rest = rest.get(PIECE - LONGEST_NAME..).unwrap_or_default();
        }
    }
}

impl Needles {
    fn new(texts: &[Vec<u8>]) -> Option<Self> {
        let mut builder = Config::new().match_kind(MatchKind::LeftmostFirst).builder();
        if let Some(searcher) = builder.extend(texts).build() {
            return Some(Self::Packed(searcher));
        }
        AhoCorasick::new(texts).ok().map(Self::Automaton)
    }

    fn stand_in(&self, text: &[u8]) -> bool {
        match self {
            Self::Packed(searcher) => searcher.find(text).is_some(),
            Self::Automaton(automaton) => automaton.is_match(text),
        }
    }
}

/// More texts than this do not fit into vector registers.
const MOST_PACKED: usize = 48;

const PIECE: usize = 1024;

/// Pieces overlap by this much, and names are cut to it.
const LONGEST_NAME: usize = 72;

#[cfg(test)]
mod tests {
    use super::{Gate, PIECE};

    #[test]
    fn a_name_opens_in_every_style_and_wherever_it_stands() {
        let gate = Gate::new(&[], &["api_key".into(), "\"argv\"".into()]).unwrap();
        for text in ["x-api-key: 1", "API.KEY", "api key", "{\"ArgV\":1}"] {
            assert!(gate.opens(text.as_bytes()), "{text}");
        }
        for text in ["", "apikey", "argv", "x".repeat(3 * PIECE).as_str()] {
            assert!(!gate.opens(text.as_bytes()), "{text}");
        }
        for before in PIECE - 10..PIECE + 2 {
            let text = format!("{}api_key", "x".repeat(before));
            assert!(gate.opens(text.as_bytes()), "{before}");
        }
    }

    #[test]
    fn exact_literals_open_as_they_are() {
        let gate = Gate::new(&["AKIA", "Q~"], &[]).unwrap();
        assert!(gate.opens(b"xAKIA") && gate.opens(b"3Q~"));
        assert!(!gate.opens(b"akia q~") && !gate.opens(b""));
    }
}
