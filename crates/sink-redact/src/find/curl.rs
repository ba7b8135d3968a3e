use std::ops::Range;

use memchr::memmem;

use super::entropy::is_mixed;
use super::placeholder::is_placeholder;
use crate::edit::Found;

/// Adds the users and passwords that the command `curl`, whose words may reach to the end of
/// `command`, is given with `-u` or `--user`.
pub(crate) fn find(text: &[u8], command: Range<usize>, found: &mut Vec<Found>) {
    let window = text.get(command.clone()).unwrap_or_default();
    // A flag inside an argument is none, and a quote left open must not be read twice.
    let mut done = command.start;
    for flag in memmem::find_iter(window, b"-u") {
        let start = command.start + flag;
        let argument = user_argument(text, start).filter(|_| start >= done);
        let Some(word) = argument.and_then(|at| word(text, at, command.end)) else {
            continue;
        };
        done = word.end;
        let value = text.get(word.clone()).unwrap_or_default();
        if is_credential(value) {
            found.push(Found::new(word, RULE));
        }
    }
}

/// Where the argument of the flag starts whose `-u` stands at `flag`.
fn user_argument(text: &[u8], flag: usize) -> Option<usize> {
    let rest = text.get(flag..)?;
    let before = flag.checked_sub(1).and_then(|at| text.get(at));
    let after = match (rest.strip_prefix(b"-user"), before) {
        (Some(after), Some(b'-')) => after,
        (_, Some(b' ' | b'\t' | b'\n')) => rest.get(2..)?,
        _ => return None,
    };
    let start = text.len() - after.len();
    let gap = after
        .iter()
        .take_while(|byte| matches!(byte, b' ' | b'\t' | b'='))
        .count();
    // `-uuser:password` is one word, `--username` is another flag.
    (gap > 0 || rest.get(2).is_some_and(|byte| matches!(byte, b'"' | b'\''))).then_some(start + gap)
}

/// The shell's word that starts at `start`, without quotes around the whole.
fn word(text: &[u8], start: usize, end: usize) -> Option<Range<usize>> {
    let rest = text.get(start..end)?;
    let mut quote = None;
    let stop = rest.iter().position(|byte| match (quote, *byte) {
        (Some(open), byte) => {
            if byte == open {
                quote = None;
            }
            false
        }
        (None, b'"' | b'\'') => {
            quote = Some(*byte);
            false
        }
        (None, byte) => byte.is_ascii_whitespace(),
    });
    let word = rest.get(..stop.unwrap_or(rest.len()))?;
    let quoted = match word {
        [open @ (b'"' | b'\''), inner @ .., close] if open == close => !inner.contains(open),
        _ => false,
    };
    let trimmed = usize::from(quoted);
    Some(start + trimmed..start + word.len() - trimmed)
}

/// Whether the word is `user:password`, with a password or a user that looks like one.
fn is_credential(word: &[u8]) -> bool {
    let unquoted: Vec<u8> = word
        .iter()
        .copied()
        .filter(|byte| !matches!(byte, b'"' | b'\''))
        .collect();
    let Some(colon) = memchr::memchr(b':', &unquoted) else {
        return false;
    };
    let (user, password) = unquoted.split_at(colon);
    let password = password.get(1..).unwrap_or_default();
    if is_placeholder(&unquoted) {
        return false;
    }
    if password.is_empty() {
        return is_mixed(user) && !is_placeholder(user);
    }
    !is_placeholder(password)
}

const RULE: &str = "curl-auth-user";

#[cfg(test)]
mod tests {
    use super::find;

    fn users(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        find(text.as_bytes(), 0..text.len(), &mut found);
        found.into_iter().map(|found| &text[found.range]).collect()
    }

    #[test]
    fn credentials_are_found_however_they_are_quoted() {
        assert_eq!(users("curl -u bob:hunter2 https://a"), ["bob:hunter2"]);
        assert_eq!(users("curl --user 'bob:hunter2'"), ["bob:hunter2"]);
        assert_eq!(users("curl --user=\"bob:hunter2\""), ["bob:hunter2"]);
        assert_eq!(
            users("curl -u \"bob\":\"hunter2\" x"),
            ["\"bob\":\"hunter2\""]
        );
        assert_eq!(users("curl -u 'k3y!:' x"), ["k3y!:"]);
        assert_eq!(users("curl -s -u a:b1 -o x --user c:d2"), ["a:b1", "c:d2"]);
    }

    #[test]
    fn placeholders_and_other_flags_are_none() {
        for text in [
            "curl -u <user:password> x",
            "curl -u \"${user}:${PASSWORD}\"",
            "curl --user \"xxx:yyy\"",
            "curl --user \"$(cat ./login.txt):$(cat ./password.txt)\"",
            "curl --user-agent a:b1 --upload-file a:b1 --unix-socket=/a:b",
            "curl --user bob@example.com",
            "curl -u [REDACTED:curl-auth-user] x",
        ] {
            assert_eq!(users(text), Vec::<&str>::new(), "{text}");
        }
    }
}
