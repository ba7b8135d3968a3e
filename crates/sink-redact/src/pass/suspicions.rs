use std::ops::Range;

use super::Pass;

/// The places in a document where a secret may stand, so that the strings of it that hold none
/// are passed over.
pub(super) struct Suspicions {
    /// Where they are, in order.
    at: Vec<usize>,
    /// How many of them the walk has left behind.
    behind: usize,
}

impl Pass<'_> {
    pub(super) fn suspicions(&self, text: &[u8]) -> Suspicions {
        let mut at: Vec<usize> = memchr::memchr2_iter(b'\\', b'%', text).collect();
        self.rules.finder.suspicions(text, &mut at);
        if let Some(live) = &self.live {
            live.suspicions(text, &mut at);
        }
        at.sort_unstable();
        Suspicions { at, behind: 0 }
    }
}

impl Suspicions {
    /// Whether any of them is in `span`. Spans are asked for in their order.
    pub(super) fn any_in(&mut self, span: &Range<usize>) -> bool {
        while self.at.get(self.behind).is_some_and(|at| *at < span.start) {
            self.behind += 1;
        }
        self.at.get(self.behind).is_some_and(|at| *at < span.end)
    }
}
