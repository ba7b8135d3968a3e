/// The candidate that `text` was probably meant to be, if one is near enough.
pub(crate) fn nearest<T: AsRef<str>>(
    text: &str,
    candidates: impl IntoIterator<Item = T>,
) -> Option<T> {
    let lower = text.to_ascii_lowercase();
    candidates
        .into_iter()
        .map(|candidate| {
            (
                distance(&lower, &candidate.as_ref().to_ascii_lowercase()),
                candidate,
            )
        })
        .filter(|(distance, candidate)| *distance <= tolerance(candidate.as_ref()))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many letters may be wrong: about a third, and never more than three.
fn tolerance(word: &str) -> usize {
    (word.chars().count().div_ceil(3)).min(3)
}

/// The edit distance by Levenshtein, kept one row at a time.
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (1..=to.chars().count()).collect();
    let mut last = row.len();
    for (index, letter) in from.chars().enumerate() {
        let mut diagonal = index;
        let mut left = index + 1;
        for (cell, other) in row.iter_mut().zip(to.chars()) {
            let above = *cell;
            left = (left + 1)
                .min(above + 1)
                .min(diagonal + usize::from(letter != other));
            diagonal = above;
            *cell = left;
        }
        last = left;
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_single_edits() {
        for (from, to, edits) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("kitten", "sitting", 3),
            ("addr", "adrr", 1),
            ("field", "feild", 2),
        ] {
            assert_eq!(distance(from, to), edits, "{from} {to}");
            assert_eq!(distance(to, from), edits, "{to} {from}");
        }
    }

    #[test]
    fn only_near_words_are_suggested() {
        assert_eq!(nearest("ofF", ["off", "builtin"]), Some("off"));
        assert_eq!(nearest("bulitin", ["off", "builtin"]), Some("builtin"));
        assert_eq!(nearest("xyz", ["off", "builtin"]), None);
    }
}
