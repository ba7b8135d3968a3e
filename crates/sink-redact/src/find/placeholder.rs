/// Whether `value` stands in for a secret and is none: a variable, a template, a row of `x`, or
/// what redaction left behind.
pub(crate) fn is_placeholder(value: &[u8]) -> bool {
    let value = value.trim_ascii();
    is_replacement(value)
        || is_reference(value)
        || is_monotonous(value)
        || WORDS.iter().any(|word| value.eq_ignore_ascii_case(word))
}

/// Whether `value` is exactly what redaction puts in a secret's place: marks, or a keyed token.
pub(crate) fn is_replacement(value: &[u8]) -> bool {
    let mut rest = value;
    while let Some(after) = after_mark(rest) {
        if after.is_empty() {
            return true;
        }
        rest = after;
    }
    let token = value
        .strip_prefix(b"redacted-")
        .and_then(|rest| rest.split_last_chunk::<10>());
    let is_base32 = |byte: &u8| matches!(byte, b'a'..=b'z' | b'2'..=b'7');
    token.is_some_and(|(rule, digits)| {
        rule.strip_suffix(b"-").is_some_and(is_rule) && digits.iter().all(is_base32)
    })
}

/// What follows the mark that `value` starts with.
fn after_mark(value: &[u8]) -> Option<&[u8]> {
    let inner = value.strip_prefix(b"[REDACTED:")?;
    let end = inner.iter().position(|byte| *byte == b']')?;
    let (rule, after) = inner.split_at(end);
    is_rule(rule).then_some(after.get(1..)?)
}

fn is_rule(name: &[u8]) -> bool {
    let allowed = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
    !name.is_empty() && name.iter().all(allowed)
}

/// Whether `value` names where the secret comes from: `$NAME`, `${…}`, `$(…)`, `{{…}}`, `<…>`,
/// `%NAME%`.
fn is_reference(value: &[u8]) -> bool {
    let is_variable = |name: &[u8]| {
        let allowed =
            |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_';
        !name.is_empty() && name.iter().all(allowed)
    };
    let between = |open: &[u8], close: &[u8]| {
        let inner = value
            .strip_prefix(open)
            .and_then(|rest| rest.strip_suffix(close));
        inner.filter(|inner| inner.len() <= LONGEST_REFERENCE)
    };
    between(b"${", b"}").is_some()
        || between(b"$(", b")").is_some()
        || between(b"{{", b"}}").is_some()
        || between(b"<", b">").is_some()
        || between(b"%", b"%").is_some_and(is_variable)
        || value.strip_prefix(b"$").is_some_and(is_variable)
}

/// Whether all letters and digits of `value` are one and the same, as in `xxxx-xxxx` or `0000`,
/// or, in a long one, nearly all are, as in `hf_xxxxxxxxxxxxxxxx`. Signs count where there is
/// nothing else, as in `****`.
fn is_monotonous(value: &[u8]) -> bool {
    let is_telling = |byte: &&u8| !byte.is_ascii_punctuation();
    let Some(last) = value.iter().rev().find(is_telling) else {
        return value.windows(2).all(|pair| pair.first() == pair.last());
    };
    let telling = value.iter().filter(is_telling);
    let (same, other): (Vec<u8>, Vec<u8>) =
        telling.partition(|byte| byte.eq_ignore_ascii_case(last));
    other.is_empty() || same.len() >= LONG_ROW && same.len() >= 6 * other.len()
}

const WORDS: [&[u8]; 11] = [
    b"null",
    b"none",
    b"nil",
    b"undefined",
    b"true",
    b"false",
    b"string",
    b"redacted",
    b"masked",
    b"hidden",
    b"n/a",
];

/// So many of one letter in a row of others nobody chooses and no generator draws.
const LONG_ROW: usize = 24;

/// What stands between the brackets of a reference is a name or a short command.
const LONGEST_REFERENCE: usize = 64;

#[cfg(test)]
mod tests {
    use super::{is_placeholder, is_replacement};

    #[test]
    fn stand_ins_are_told_from_secrets() {
        for stand_in in [
            "",
            "xxxx",
            "XXXX-xxxx",
            "hf_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "****",
            "...",
            "${TOKEN}",
            "$TOKEN",
            "$(cat pw)",
            "{{ pw }}",
            "<your token>",
            "%PASSWORD%",
            "None",
            "[REDACTED:jwt]",
            "redacted-jwt-abcdefgh27",
        ] {
            assert!(is_placeholder(stand_in.as_bytes()), "{stand_in}");
        }
        for secret in [
            "hunter2",
            "$ecret",
            "{abc}",
            "password",
            "xxxy",
            "!@#$%^",
            "[REDACTED:jwt]x",
        ] {
            assert!(!is_placeholder(secret.as_bytes()), "{secret}");
        }
    }

    #[test]
    fn only_the_whole_replacement_counts() {
        assert!(is_replacement(b"[REDACTED:github-pat]"));
        assert!(is_replacement(b"[REDACTED:jwt][REDACTED:live]"));
        assert!(is_replacement(b"redacted-url-userinfo-abcdefghij"));
        for other in [
            "[REDACTED:]",
            "[REDACTED:a]b]",
            "redacted-jwt-abcdefghi1",
            "redacted-abcdefghij",
        ] {
            assert!(!is_replacement(other.as_bytes()), "{other}");
        }
    }
}
