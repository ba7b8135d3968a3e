//! Words as the API wants them.

/// `text` as PascalCase of ASCII letters and digits, beginning with a letter, of at most
/// [`LONGEST`] characters. What stands between words is left out.
pub(crate) fn pascal(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let mut name = String::new();
    for word in words {
        let mut letters = word.chars();
        if let Some(first) = letters.next() {
            name.push(first.to_ascii_uppercase());
            name.push_str(letters.as_str());
        }
    }
    if !name.starts_with(|c: char| c.is_ascii_uppercase()) {
        name.insert_str(0, NAMELESS);
    }
    name.truncate(LONGEST);
    name
}

/// The beginning of `text`, cut between characters to at most `bytes`.
pub(crate) fn cut(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// The API's bound of reasons, actions and reporters, in characters.
pub(crate) const LONGEST: usize = 128;

/// Begins the name of what has none of its own.
const NAMELESS: &str = "Event";

#[cfg(test)]
mod tests {
    use proptest::{prop_assert, proptest};

    use super::{LONGEST, cut, pascal};

    #[test]
    fn words_are_joined_and_begin_with_a_capital() {
        assert_eq!(pascal("tool.crashed"), "ToolCrashed");
        assert_eq!(
            pascal("mcpclient.connect_attempt"),
            "McpclientConnectAttempt"
        );
        assert_eq!(pascal("OOMKilled"), "OOMKilled");
        assert_eq!(pascal("3d-print"), "Event3dPrint");
        assert_eq!(pascal("ключ…"), "Event");
    }

    proptest! {
        #[test]
        fn any_text_makes_a_name_the_api_takes(text in ".{0,400}") {
            let name = pascal(&text);
            prop_assert!(name.starts_with(|c: char| c.is_ascii_uppercase()));
            prop_assert!(name.chars().all(|c| c.is_ascii_alphanumeric()));
            prop_assert!(name.len() <= LONGEST);
        }

        #[test]
        fn a_cut_is_the_longest_beginning_that_fits(text in ".{0,40}", bytes in 0_usize..60) {
            let kept = cut(&text, bytes);
            prop_assert!(text.starts_with(kept) && kept.len() <= bytes);
            let next = text[kept.len()..].chars().next();
            prop_assert!(next.is_none_or(|next| kept.len() + next.len_utf8() > bytes));
        }
    }
}
