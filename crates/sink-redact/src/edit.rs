use std::borrow::Cow;
use std::ops::Range;

/// A rule's name, as it stands in `[REDACTED:<rule>]` and labels counters.
pub(crate) type RuleName = Cow<'static, str>;

/// A secret in a text: where it stands and which rule says so.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) range: Range<usize>,
    pub(crate) rule: RuleName,
}

/// One replacement in a text: the bytes of `range` become `text`.
#[derive(Clone, Debug)]
pub(crate) struct Edit {
    pub(crate) range: Range<usize>,
    pub(crate) rule: RuleName,
    pub(crate) text: String,
}

/// More secrets than this are in no text that somebody wrote: who looks for them may stop there,
/// and the event is refused.
pub(crate) const MOST_FOUND: usize = 16_384;

impl Found {
    pub(crate) fn new(range: Range<usize>, rule: impl Into<RuleName>) -> Self {
        let rule = rule.into();
        Self { range, rule }
    }
}

/// Brings edits into the order of the text and joins those that overlap.
///
/// Of two that overlap, the one that covers the other stays as it is, the earlier one if they are
/// equal. Where neither covers the other, `replacement` says what their union becomes.
pub(crate) fn merge(
    edits: Vec<Edit>,
    replacement: impl Fn(&Range<usize>, &RuleName) -> String,
) -> Vec<Edit> {
    let mut ordered: Vec<(usize, Edit)> = edits.into_iter().enumerate().collect();
    ordered.sort_by_key(|(order, edit)| (edit.range.start, *order));
    let mut merged: Vec<(usize, Edit)> = Vec::with_capacity(ordered.len());
    for (order, edit) in ordered {
        let Some((before, last)) = merged
            .last_mut()
            .filter(|(_, last)| edit.range.start < last.range.end)
        else {
            merged.push((order, edit));
            continue;
        };
        let union = last.range.start..last.range.end.max(edit.range.end);
        if last.range == union && (edit.range != union || *before < order) {
            continue;
        }
        if edit.range == union {
            (*before, *last) = (order, edit);
            continue;
        }
        if order < *before {
            (*before, last.rule) = (order, edit.rule);
        }
        last.text = replacement(&union, &last.rule);
        last.range = union;
    }
    merged.into_iter().map(|(_, edit)| edit).collect()
}

/// The text with its edits made. They are in order and do not overlap, as `merge` leaves them.
pub(crate) fn apply(text: &[u8], edits: &[Edit]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        out.extend_from_slice(text.get(at..edit.range.start).unwrap_or_default());
        out.extend_from_slice(edit.text.as_bytes());
        at = edit.range.end;
    }
    out.extend_from_slice(text.get(at..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::{Edit, apply, merge};

    fn edit(range: std::ops::Range<usize>, rule: &'static str) -> Edit {
        Edit {
            range,
            rule: rule.into(),
            text: format!("<{rule}>"),
        }
    }

    fn merged(edits: Vec<Edit>) -> String {
        let edits = merge(edits, |_, rule| format!("<union {rule}>"));
        String::from_utf8(apply(b"0123456789", &edits)).unwrap()
    }

    #[test]
    fn edits_apart_are_all_made() {
        assert_eq!(
            merged(vec![edit(5..7, "b"), edit(1..2, "a")]),
            "0<a>234<b>789"
        );
        assert_eq!(
            merged(vec![edit(1..2, "a"), edit(2..3, "b")]),
            "0<a><b>3456789"
        );
    }

    #[test]
    fn the_one_that_covers_stays_and_the_first_of_equals() {
        assert_eq!(merged(vec![edit(3..4, "a"), edit(1..6, "b")]), "0<b>6789");
        assert_eq!(merged(vec![edit(1..6, "a"), edit(3..6, "b")]), "0<a>6789");
        assert_eq!(merged(vec![edit(1..6, "a"), edit(1..6, "b")]), "0<a>6789");
        assert_eq!(merged(vec![edit(1..3, "a"), edit(1..6, "b")]), "0<b>6789");
    }

    #[test]
    fn a_union_bears_the_name_of_the_first_found() {
        assert_eq!(
            merged(vec![edit(3..8, "a"), edit(1..5, "b")]),
            "0<union a>89"
        );
        assert_eq!(
            merged(vec![edit(1..5, "a"), edit(3..8, "b")]),
            "0<union a>89"
        );
    }
}
