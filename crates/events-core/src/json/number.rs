use super::{JsonError, JsonProblem};

/// Where the number that starts at `start` ends (RFC 8259 section 6). Its value is not computed.
pub(super) fn end_of_number(bytes: &[u8], start: usize) -> Result<usize, JsonError> {
    let mut at = start;
    let fault = |at: usize| {
        let problem = if at >= bytes.len() {
            JsonProblem::Truncated
        } else {
            JsonProblem::Number
        };
        JsonError::new(problem, at)
    };
    if bytes.get(at) == Some(&b'-') {
        at += 1;
    }
    match bytes.get(at) {
        Some(b'0') => at += 1,
        Some(b'1'..=b'9') => at = end_of_digits(bytes, at),
        _ => return Err(fault(at)),
    }
    if bytes.get(at) == Some(&b'.') {
        let fraction = at + 1;
        at = end_of_digits(bytes, fraction);
        if at == fraction {
            return Err(fault(at));
        }
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        at += 1;
        if matches!(bytes.get(at), Some(b'+' | b'-')) {
            at += 1;
        }
        let exponent = at;
        at = end_of_digits(bytes, exponent);
        if at == exponent {
            return Err(fault(at));
        }
    }
    Ok(at)
}

fn end_of_digits(bytes: &[u8], start: usize) -> usize {
    let digits = bytes
        .iter()
        .skip(start)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    start + digits
}
