/// The bytes a DSSE signature covers: pre-authentication encoding (DSSE v1.0.2, protocol).
///
/// `"DSSEv1" SP LEN(type) SP type SP LEN(body) SP body`, lengths in ASCII decimal.
#[must_use]
pub fn pae(payload_type: &str, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    write(payload_type, body, &mut out);
    out
}

/// Appends the same to `out`.
pub(crate) fn write(payload_type: &str, body: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(b"DSSEv1 ");
    out.extend_from_slice(payload_type.len().to_string().as_bytes());
    out.push(b' ');
    out.extend_from_slice(payload_type.as_bytes());
    out.push(b' ');
    out.extend_from_slice(body.len().to_string().as_bytes());
    out.push(b' ');
    out.extend_from_slice(body);
}

#[cfg(test)]
mod tests {
    use super::pae;

    #[test]
    fn it_is_the_protocols_own_example() {
        let encoded = pae("http://example.com/HelloWorld", b"hello world");
        assert_eq!(
            encoded,
            b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
        );
        assert_eq!(pae("", b""), b"DSSEv1 0  0 ");
    }
}
