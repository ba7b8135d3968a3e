//! When two sources name the same node.

/// Whether two URNs are equivalent (RFC 8141, section 3): letters' case aside, without what stands
/// behind `?` and `#`, and however characters that need no escape are escaped (RFC 3986, section
/// 6.2.2.2).
pub(super) fn are_equivalent(one: &str, other: &str) -> bool {
    named(one).eq(named(other))
}

/// The bytes of what is named, letters small.
fn named(urn: &str) -> impl Iterator<Item = u8> + '_ {
    let end = urn.find(['?', '#']).unwrap_or(urn.len());
    let mut rest = urn.get(..end).unwrap_or_default().as_bytes();
    std::iter::from_fn(move || {
        let (byte, behind) = match rest {
            [b'%', high, low, behind @ ..] => match escaped(*high, *low) {
                Some(byte) => (byte, behind),
                None => (b'%', rest.get(1..)?),
            },
            [byte, behind @ ..] => (*byte, behind),
            [] => return None,
        };
        rest = behind;
        Some(byte.to_ascii_lowercase())
    })
}

/// The character that two hexadecimal digits stand for, where it needs no escape.
fn escaped(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let byte = u8::try_from(digit(high)? * 16 + digit(low)?).ok()?;
    (byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)).then_some(byte)
}

#[cfg(test)]
mod tests {
    use super::are_equivalent;

    #[test]
    fn however_it_is_spelled_a_name_is_the_same() {
        let own = "urn:consign:node:edge-1";
        for same in [
            own,
            "URN:Consign:node:EDGE-1",
            "urn:consign:node:edge-1#",
            "urn:consign:node:edge-1?=a#b",
            "urn:consign:node:edge%2d1",
            "urn:consign:node:%65dge%2D1",
        ] {
            assert!(are_equivalent(own, same), "{same}");
        }
        for other in [
            "urn:consign:node:edge-12",
            "urn:consign:node:edge%2",
            "urn:consign:node:edge%2f1",
            "urn:consign:node:",
            "",
        ] {
            assert!(!are_equivalent(own, other), "{other}");
        }
    }
}
