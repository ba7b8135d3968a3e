use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Where in which trace something happens (W3C Trace Context, section 3.2), as the header and the
/// attribute `traceparent` say it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct TraceParent {
    trace: [u8; 16],
    span: [u8; 8],
    flags: u8,
}

/// A text that is no `traceparent`.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("a traceparent is 00-<32 hex digits>-<16 hex digits>-<2 hex digits> in lower case")]
pub struct NotATraceParent;

impl TraceParent {
    /// The extension attribute and the header that hold one.
    pub const NAME: &str = "traceparent";

    /// The span `span` of the trace `trace`; `None` where either is zero, which stands for none.
    #[must_use]
    pub fn new(trace: [u8; 16], span: [u8; 8], flags: u8) -> Option<Self> {
        (trace != [0; 16] && span != [0; 8]).then_some(Self { trace, span, flags })
    }

    /// The trace.
    #[must_use]
    pub const fn trace(&self) -> [u8; 16] {
        self.trace
    }

    /// The span within it.
    #[must_use]
    pub const fn span(&self) -> [u8; 8] {
        self.span
    }

    /// The flags; the lowest bit says that the trace is sampled.
    #[must_use]
    pub const fn flags(&self) -> u8 {
        self.flags
    }
}

impl FromStr for TraceParent {
    type Err = NotATraceParent;

    /// Reads version 00 in full, and of a later version what it has in common with it, as section
    /// 3.2.4 asks: the flags that are known, and no more fields.
    fn from_str(text: &str) -> Result<Self, NotATraceParent> {
        let mut parts = text.splitn(5, '-');
        let mut part = || parts.next().ok_or(NotATraceParent);
        let [version] = unhex(part()?)?;
        let trace = unhex(part()?)?;
        let span = unhex(part()?)?;
        let [flags] = unhex(part()?)?;
        let flags = match (version, part().is_ok()) {
            (0, false) => flags,
            (0, true) | (0xff, _) => return Err(NotATraceParent),
            _ => flags & SAMPLED,
        };
        Self::new(trace, span, flags).ok_or(NotATraceParent)
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let trace = u128::from_be_bytes(self.trace);
        let span = u64::from_be_bytes(self.span);
        write!(f, "00-{trace:032x}-{span:016x}-{:02x}", self.flags)
    }
}

/// Bytes from exactly as many pairs of hexadecimal digits in lower case.
fn unhex<const N: usize>(text: &str) -> Result<[u8; N], NotATraceParent> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Ok(byte - b'0'),
        b'a'..=b'f' => Ok(byte - b'a' + 10),
        _ => Err(NotATraceParent),
    };
    let mut bytes = [0; N];
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != N || !rest.is_empty() {
        return Err(NotATraceParent);
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Ok(bytes)
}

const SAMPLED: u8 = 1;

#[cfg(test)]
mod tests {
    use super::TraceParent;

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    const SPAN: &str = "b7ad6b7169203331";

    #[test]
    fn what_is_read_is_written_alike() {
        for text in [
            format!("00-{TRACE}-{SPAN}-01"),
            format!("00-{TRACE}-{SPAN}-00"),
            format!("00-{TRACE}-{SPAN}-ff"),
        ] {
            assert_eq!(text.parse::<TraceParent>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn of_a_later_version_the_known_part_counts() {
        for text in [
            format!("01-{TRACE}-{SPAN}-03"),
            format!("cc-{TRACE}-{SPAN}-01-what-the-future-brings"),
        ] {
            let read: TraceParent = text.parse().unwrap();
            assert_eq!(read.to_string(), format!("00-{TRACE}-{SPAN}-01"), "{text}");
        }
    }

    #[test]
    fn what_is_malformed_is_none() {
        let zeros = "0".repeat(32);
        for text in [
            String::new(),
            "00".to_owned(),
            format!("00-{TRACE}-{SPAN}"),
            format!("00-{TRACE}-{SPAN}-01-"),
            format!("00-{TRACE}-{SPAN}-01-x"),
            format!("ff-{TRACE}-{SPAN}-01"),
            format!("01-{TRACE}-{SPAN}-01x"),
            format!("0-{TRACE}-{SPAN}-01"),
            format!("00-{TRACE}-{SPAN}-1"),
            format!("00-{zeros}-{SPAN}-01"),
            format!("00-{TRACE}-{}-01", &zeros[..16]),
            format!("00-{}-{SPAN}-01", TRACE.to_uppercase()),
            format!("00-{TRACE}-{SPAN}-0G"),
            format!("00-{TRACE}0-{SPAN}-01"),
            format!("00-{}é-{SPAN}-01", &TRACE[..30]),
            format!(" 00-{TRACE}-{SPAN}-01"),
            format!("00_{TRACE}_{SPAN}_01"),
        ] {
            assert!(text.parse::<TraceParent>().is_err(), "{text}");
        }
    }
}
