/// A secret that shows by a text of its own: declared by what its vendor documents of its form.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    /// As it stands in `[REDACTED:<name>]`.
    pub(crate) name: &'static str,
    /// One of these stands in every match, with the case it has here.
    pub(crate) literals: &'static [&'static str],
    /// What matches from where the literal starts, or `lead` bytes before. Its first group is the
    /// secret, or else the whole.
    pub(crate) pattern: &'static str,
    /// Where a match starts.
    pub(crate) start: Start,
    /// Whether letters and digits may stand right before and after the match.
    pub(crate) edges: Edges,
    /// The least entropy of the secret in bits a byte. Weeds out `xxxx`.
    pub(crate) entropy: f64,
}

/// Where the matches of a rule start.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Start {
    /// So many bytes before the literal.
    Before(usize),
    /// At the first `ey` of the run of base64 digits that the literal ends.
    Header,
}

/// What may stand right before and after a match.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Edges {
    /// Anything: the form cannot be mistaken.
    Free,
    /// No letter and no digit.
    Word,
    /// Nothing that the secret is made of either.
    Apart,
}

impl Rule {
    pub(crate) const fn new(
        name: &'static str,
        literals: &'static [&'static str],
        pattern: &'static str,
    ) -> Self {
        Self {
            name,
            literals,
            pattern,
            start: Start::Before(0),
            edges: Edges::Free,
            entropy: 2.5,
        }
    }

    pub(crate) const fn starting(self, start: Start) -> Self {
        Self { start, ..self }
    }

    pub(crate) const fn word(self) -> Self {
        let edges = Edges::Word;
        Self { edges, ..self }
    }

    pub(crate) const fn apart(self) -> Self {
        let edges = Edges::Apart;
        Self { edges, ..self }
    }

    pub(crate) const fn entropy(self, entropy: f64) -> Self {
        Self { entropy, ..self }
    }
}
