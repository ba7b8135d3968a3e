//! How subject patterns relate. They are plain text here, since a stream's may be any that NATS
//! allows.

/// Whether `wide` stands for every subject that `narrow` stands for.
pub(crate) fn covers(wide: &str, narrow: &str) -> bool {
    let (mut wide, mut narrow) = (wide.split('.'), narrow.split('.'));
    loop {
        match (wide.next(), narrow.next()) {
            (Some(">"), Some(_)) | (None, None) => return true,
            (_, Some(">")) => return false,
            (Some("*"), Some(_)) => {}
            (Some(wide), Some(narrow)) if wide == narrow => {}
            _ => return false,
        }
    }
}

/// Whether some subject is one of both.
pub(crate) fn overlap(one: &str, other: &str) -> bool {
    let (mut one, mut other) = (one.split('.'), other.split('.'));
    loop {
        match (one.next(), other.next()) {
            (Some(">"), Some(_)) | (Some(_), Some(">")) | (None, None) => return true,
            (Some("*"), Some(_)) | (Some(_), Some("*")) => {}
            (Some(one), Some(other)) if one == other => {}
            _ => return false,
        }
    }
}

/// Whether a stream with this subject would take the requests to JetStream itself, which no stream
/// that acknowledges may.
pub(crate) fn is_reserved(subject: &str) -> bool {
    overlap(subject, "$JS.API.>")
}

/// What to do about a subject that is.
pub(crate) const UNRESERVE: &str =
    "begin the template with a token of its own, as in CONSIGN_SUBJECT='events.{tenantId}.{type}'";

#[cfg(test)]
mod tests {
    use super::{covers, overlap};

    #[test]
    fn a_pattern_covers_what_it_is_not_narrower_than() {
        for (wide, narrow) in [
            ("a.>", "a.b"),
            ("a.>", "a.>"),
            ("a.>", "a.*.>"),
            ("a.*", "a.b"),
            ("a.*", "a.*"),
            (">", "a"),
            ("a.*.c", "a.b.c"),
        ] {
            assert!(covers(wide, narrow), "{wide} covers {narrow}");
        }
        for (wide, narrow) in [
            ("a.>", "a"),
            ("a.*", "a.>"),
            ("a.*", "a.b.c"),
            ("a.b", "a.*"),
            ("a.*.>", "a.>"),
            ("a", "a.b"),
        ] {
            assert!(!covers(wide, narrow), "{wide} does not cover {narrow}");
        }
    }

    #[test]
    fn patterns_overlap_where_one_subject_is_of_both() {
        for (one, other) in [("a.*", "*.b"), ("a.>", "*.b.c"), ("a", "a"), (">", "a.*")] {
            assert!(overlap(one, other) && overlap(other, one), "{one} {other}");
        }
        for (one, other) in [("a.>", "a"), ("a.*", "b.*"), ("a.*", "a.b.c"), ("a", "b")] {
            assert!(
                !overlap(one, other) && !overlap(other, one),
                "{one} {other}"
            );
        }
    }
}
