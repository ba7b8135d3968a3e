use supervisor::exit::Failure;

/// What became of things that were handed over, `T`, in their order: each is kept, as `K` says, or
/// refused, and then nothing of it was kept.
pub(crate) struct Answers<T, K> {
    pub(crate) answered: Vec<(T, Result<K, Failure>)>,
    /// Where it broke off. Nothing may be handed over behind that, and what was about to be was not.
    pub(crate) broken: Option<Broken<T, K>>,
}

/// Where handing over broke off.
pub(crate) struct Broken<T, K> {
    pub(crate) failure: Failure,
    pub(crate) fate: Fate,
    /// What was handed over and never answered.
    pub(crate) tags: Vec<T>,
    /// What was answered behind the first of those.
    pub(crate) later: Vec<(T, Result<K, Failure>)>,
}

/// What is known of things that were never answered one by one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fate {
    /// Nothing of them was kept.
    Refused,
    /// They may be kept, and nobody will say.
    Unknown,
}

impl<T, K> Answers<T, K> {
    /// Of all that was asked.
    pub(super) const fn whole(answered: Vec<(T, Result<K, Failure>)>) -> Self {
        let broken = None;
        Self { answered, broken }
    }

    pub(super) const fn none() -> Self {
        Self::whole(Vec::new())
    }
}
