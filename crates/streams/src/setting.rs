use std::fmt;

/// When a stream lets go of a message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Retention {
    /// When it is too old, or the stream too large.
    Limits,
    /// When every consumer has acknowledged it; at once, where there is none.
    Interest,
    /// When the one consumer has acknowledged it.
    WorkQueue,
}

/// Where a stream keeps its messages.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Storage {
    /// In files, so that they survive a restart.
    File,
    /// In memory alone.
    Memory,
}

/// What a full stream does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Discard {
    /// It drops its oldest messages.
    Old,
    /// It refuses new ones, which then wait in the spool.
    New,
}

/// A setting whose values are words.
pub(crate) trait Word: Copy + Eq + Sized + 'static {
    /// Each value and its word, as the server spells it.
    const WORDS: &'static [(&'static str, Self)];

    fn from_word(word: &str) -> Option<Self> {
        let found = Self::WORDS.iter().find(|(known, _)| *known == word);
        found.map(|(_, value)| *value)
    }

    fn word(self) -> &'static str {
        let found = Self::WORDS.iter().find(|(_, value)| *value == self);
        found.map_or("", |(word, _)| word)
    }

    /// All words, for a message that says what is allowed.
    fn words() -> String {
        let words: Vec<&str> = Self::WORDS.iter().map(|(word, _)| *word).collect();
        words.join(", ")
    }
}

impl Word for Retention {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("limits", Self::Limits),
        ("interest", Self::Interest),
        ("workqueue", Self::WorkQueue),
    ];
}

impl Word for Storage {
    const WORDS: &'static [(&'static str, Self)] =
        &[("file", Self::File), ("memory", Self::Memory)];
}

impl Word for Discard {
    const WORDS: &'static [(&'static str, Self)] = &[("old", Self::Old), ("new", Self::New)];
}

impl fmt::Display for Retention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl fmt::Display for Storage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl fmt::Display for Discard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
