//! How record ids and kinds of error are written in JSON and in queries.

use events_core::ErrorKind;

/// A record's id from its digits.
pub(super) fn id(text: &str) -> Option<u64> {
    let digits = (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// A record's id in the width that makes ids sort as text.
pub(super) fn id_text(id: u64) -> String {
    format!("{id:020}")
}

/// A kind of error from its word.
pub(super) fn kind(word: &str) -> Option<ErrorKind> {
    KINDS.into_iter().find(|kind| kind.as_str() == word)
}

/// Ids as text, since JSON's numbers are not whole everywhere beyond 53 bits.
pub(super) mod as_digits {
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(in super::super) fn serialize<S: Serializer>(id: &u64, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&super::id_text(*id))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<u64, D::Error> {
        let text = String::deserialize(from)?;
        super::id(&text).ok_or_else(|| D::Error::custom("an id is a text of up to 20 digits"))
    }
}

/// The same for a list of them.
pub(super) mod as_all_digits {
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(in super::super) fn serialize<S: Serializer>(
        ids: &[u64],
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_seq(ids.iter().map(|id| super::id_text(*id)))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<u64>, D::Error> {
        let texts = Vec::<String>::deserialize(from)?;
        let ids = texts.iter().map(|text| super::id(text));
        ids.collect::<Option<_>>()
            .ok_or_else(|| D::Error::custom("an id is a text of up to 20 digits"))
    }
}

/// The same where there may be none.
pub(super) mod as_digits_or_null {
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    #[expect(clippy::ref_option, reason = "serde hands the field over like this")]
    pub(in super::super) fn serialize<S: Serializer>(
        id: &Option<u64>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        id.map(super::id_text).serialize(to)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<u64>, D::Error> {
        let Some(text) = Option::<String>::deserialize(from)? else {
            return Ok(None);
        };
        let id = super::id(&text);
        id.map(Some)
            .ok_or_else(|| D::Error::custom("an id is a text of up to 20 digits"))
    }
}

/// Kinds of error as their words.
pub(super) mod as_word {
    use events_core::ErrorKind;
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(in super::super) fn serialize<S: Serializer>(
        kind: &ErrorKind,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.serialize_str(kind.as_str())
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<ErrorKind, D::Error> {
        let word = String::deserialize(from)?;
        super::kind(&word).ok_or_else(|| D::Error::custom("this is no kind of error"))
    }
}

const KINDS: [ErrorKind; 5] = [
    ErrorKind::Invalid,
    ErrorKind::Rejected,
    ErrorKind::Unavailable,
    ErrorKind::Saturated,
    ErrorKind::Config,
];
