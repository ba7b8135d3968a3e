use crate::Problem;

/// Checks a value of the CloudEvents type String (spec section "Type System"): no control
/// characters and no Unicode noncharacters. Ours must not be empty either, since signatures
/// cannot tell an empty value from none.
pub(super) fn check_text(value: &str) -> Result<(), Problem> {
    if value.is_empty() {
        return Err(Problem::Empty);
    }
    // Without a branch for each byte, so that many are looked at at once.
    let plain = |byte: u8| matches!(byte, 0x20..=0x7e);
    if value.bytes().fold(true, |all, byte| all & plain(byte)) {
        return Ok(());
    }
    if value.chars().any(is_control) {
        return Err(Problem::MustNot("hold control characters"));
    }
    if value.chars().any(is_noncharacter) {
        return Err(Problem::MustNot("hold Unicode noncharacters"));
    }
    Ok(())
}

const fn is_control(character: char) -> bool {
    matches!(character, '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}')
}

const fn is_noncharacter(character: char) -> bool {
    let code = character as u32;
    matches!(code, 0xFDD0..=0xFDEF) || code & 0xFFFE == 0xFFFE
}
