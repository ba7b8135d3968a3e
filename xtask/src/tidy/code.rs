//! Rust source with everything that is not code blanked out.

/// Replaces comments, and string and character literals, by spaces. Line breaks stay, so that
/// what stands on a line still stands there.
pub(crate) fn blank(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let in_word = code.chars().next_back().is_some_and(is_word);
        let hidden = hidden_length(rest, in_word);
        let (head, tail) = rest.split_at(hidden.unwrap_or(first.len_utf8()));
        match hidden {
            Some(_) => code.extend(head.chars().map(|c| if c == '\n' { '\n' } else { ' ' })),
            None => code.push_str(head),
        }
        rest = tail;
    }
    code
}

/// The attributes of blanked code, each with the number of the line it starts on.
pub(crate) fn attributes(code: &str) -> Vec<(usize, &str)> {
    let starts = code.match_indices('#').filter(|(at, _)| {
        let after = code.get(at + 1..).unwrap_or_default();
        after.strip_prefix('!').unwrap_or(after).starts_with('[')
    });
    starts
        .filter_map(|(at, _)| Some((line_number(code, at), bracketed(code.get(at..)?)?)))
        .collect()
}

/// Whether `text` holds `word`, not as a part of a longer one; for macros the word ends in `!`.
pub(crate) fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|head| head.chars().next_back());
        let after = text
            .get(at + word.len()..)
            .and_then(|tail| tail.chars().next());
        !before.is_some_and(is_word) && (word.ends_with('!') || !after.is_some_and(is_word))
    })
}

/// The number, from 1, of the line that holds the byte at `at`.
fn line_number(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

/// The text up to the bracket that closes its first one.
fn bracketed(text: &str) -> Option<&str> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.checked_sub(1)?,
            _ => continue,
        }
        if depth == 0 {
            return text.get(..=at);
        }
    }
    None
}

/// How many bytes at the start of `text` are a comment or a literal, if they are one.
fn hidden_length(text: &str, in_word: bool) -> Option<usize> {
    if text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    if text.starts_with("/*") {
        return Some(block_comment(text));
    }
    if text.starts_with('"') {
        return Some(quoted(text, '"'));
    }
    if text.starts_with('\'') {
        return is_character(text).then(|| quoted(text, '\''));
    }
    if in_word { None } else { raw_string(text) }
}

fn block_comment(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// A lifetime has no closing quote right after its first character.
fn is_character(text: &str) -> bool {
    let mut chars = text.chars().skip(1);
    let first = chars.next();
    first == Some('\\') || (first.is_some() && chars.next() == Some('\''))
}

fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if c == quote && !escaped {
            return at + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    text.len()
}

fn raw_string(text: &str) -> Option<usize> {
    let prefix = ["r", "br", "cr"].into_iter().find(|prefix| {
        let after = text
            .strip_prefix(prefix)
            .map(|rest| rest.trim_start_matches('#'));
        after.is_some_and(|rest| rest.starts_with('"'))
    })?;
    let opened = text.strip_prefix(prefix)?;
    let hashes = opened.len() - opened.trim_start_matches('#').len();
    let start = prefix.len() + hashes + 1;
    let end = format!("\"{}", "#".repeat(hashes));
    let inside = text.get(start..)?.find(&end);
    Some(inside.map_or(text.len(), |at| start + at + end.len()))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::{attributes, blank, has_word};

    #[test]
    fn comments_and_literals_go_and_code_stays() {
        for (source, code) in [
            ("a // b\nc", "a     \nc"),
            ("a /* b /* c */ d */ e", "a                   e"),
            (
                r#"f("x \" y", 'z', '\'', '"')"#,
                "f(        ,    ,     ,    )",
            ),
            ("r\"a\\\" b r#\"c\"d\"# e", "      b          e"),
            ("br##\"a\"#b\"## c", "             c"),
            ("fn f<'a>(x: &'a str) {}", "fn f<'a>(x: &'a str) {}"),
            ("r#type + bar", "r#type + bar"),
            ("\"two\nlines\" x", "    \n       x"),
            ("\"never closed", "             "),
            ("/* never closed", "               "),
        ] {
            assert_eq!(blank(source), code, "{source}");
        }
    }

    #[test]
    fn attributes_are_found_whole_with_their_lines() {
        let code = "#![a]\nfn f() {}\n#[b(\n  c[0],\n)]\nstruct S;\n# [not, one]";
        assert_eq!(attributes(code), [(1, "#![a]"), (3, "#[b(\n  c[0],\n)]")]);
    }

    #[test]
    fn words_are_whole_words() {
        assert!(has_word("cfg_attr(x, allow(y))", "allow"));
        assert!(!has_word("disallow, allow_this", "allow"));
        assert!(has_word("todo!(x)", "todo!"));
        assert!(!has_word("my_todo!(x)", "todo!"));
    }
}
