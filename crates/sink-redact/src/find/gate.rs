use std::borrow::Cow;
use std::ops::ControlFlow;

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
        let open = |needles: &Needles, text: &[u8], _| match needles.stand_in(text) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        };
        self.visit(text, open).is_break()
    }

    /// Calls `hit` with where literals start in `text`, in no order. Of literals that overlap one
    /// is enough.
    pub(crate) fn each(&self, text: &[u8], mut hit: impl FnMut(usize)) {
        let visited = self.visit(text, |needles, text, offset| {
            needles.each(text, |at| hit(offset + at));
            ControlFlow::Continue(())
        });
        debug_assert!(
            visited.is_continue(),
            "nothing ends the visit before its time"
        );
    }

    /// Shows needles the text they are looked for in, and where that starts in the whole.
    ///
    /// Where case and separators do not matter, the text is copied piece by piece to the stack,
    /// so that nothing is allocated.
    fn visit(
        &self,
        text: &[u8],
        mut look: impl FnMut(&Needles, &[u8], usize) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        for needles in &self.exact {
            look(needles, text, 0)?;
        }
        if self.plain.is_empty() {
            return ControlFlow::Continue(());
        }
        let mut piece = [0; PIECE];
        for start in (0..text.len().max(1)).step_by(PIECE - LONGEST_NAME) {
            let rest = text.get(start..).unwrap_or_default();
            let Some(copy) = piece.get_mut(..rest.len().min(PIECE)) else {
                break;
            };
            for (to, from) in copy.iter_mut().zip(rest) {
                *to = plain(*from);
            }
            for needles in &self.plain {
                look(needles, copy, start)?;
            }
            if rest.len() <= PIECE {
                break;
            }
        }
        ControlFlow::Continue(())
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

    fn each(&self, text: &[u8], hit: impl FnMut(usize)) {
        match self {
            Self::Packed(searcher) => searcher
                .find_iter(text)
                .map(|hit| hit.start())
                .for_each(hit),
            Self::Automaton(automaton) => automaton
                .find_iter(text)
                .map(|hit| hit.start())
                .for_each(hit),
        }
    }
}

/// More texts than this do not fit into vector registers.
const MOST_PACKED: usize = 64;

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
            let mut hits = Vec::new();
            gate.each(text.as_bytes(), |at| hits.push(at));
            assert!(hits.iter().all(|at| *at == before) && !hits.is_empty());
        }
    }

    #[test]
    fn exact_literals_open_as_they_are() {
        let gate = Gate::new(&["AKIA", "Q~"], &[]).unwrap();
        assert!(gate.opens(b"xAKIA") && gate.opens(b"3Q~"));
        assert!(!gate.opens(b"akia q~") && !gate.opens(b""));
    }
}
