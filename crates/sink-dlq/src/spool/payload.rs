//! A frame's payload: `kind u8 | 0 u8 | subject's length u16 | reason's length u16 | 0 u16 |
//! attempts u32 | 0 u32 | first failure u64 | last failure u64`, times in microseconds since 1970,
//! then subject, reason, and the wire bytes.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use events_core::ErrorKind;

use super::Cause;
use super::record::bounded;

/// A payload, taken apart.
#[derive(Clone, Debug)]
pub(crate) struct Payload<'a> {
    pub(crate) subject: &'a str,
    pub(crate) cause: Cause,
    pub(crate) event: &'a [u8],
}

/// The parts of a payload before the event: the fixed ones, and the reason as it is stored.
#[derive(Debug)]
pub(crate) struct Preamble {
    pub(crate) fixed: [u8; FIXED],
    pub(crate) reason: String,
}

impl Preamble {
    /// `None` when the subject is too long to be stored.
    pub(crate) fn new(subject: &str, cause: &Cause) -> Option<Self> {
        let reason = bounded(&cause.reason);
        let subject = u16::try_from(subject.len()).ok()?;
        let reason_length = u16::try_from(reason.len()).ok()?;
        let fields: [&[u8]; 8] = [
            &[code(cause.kind), 0],
            &subject.to_le_bytes(),
            &reason_length.to_le_bytes(),
            &[0; 2],
            &cause.attempts.to_le_bytes(),
            &[0; 4],
            &micros(cause.first_failed).to_le_bytes(),
            &micros(cause.last_failed).to_le_bytes(),
        ];
        let mut fixed = [0; FIXED];
        for (place, byte) in fixed.iter_mut().zip(fields.into_iter().flatten()) {
            *place = *byte;
        }
        Some(Self { fixed, reason })
    }
}

impl<'a> Payload<'a> {
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let ([kind, _], rest) = bytes.split_first_chunk()?;
        let (subject, rest) = rest.split_first_chunk()?;
        let (reason, rest) = rest.split_first_chunk()?;
        let (_, rest) = rest.split_first_chunk::<2>()?;
        let (attempts, rest) = rest.split_first_chunk()?;
        let (_, rest) = rest.split_first_chunk::<4>()?;
        let (first, rest) = rest.split_first_chunk()?;
        let (last, rest) = rest.split_first_chunk()?;
        let (subject, rest) = rest.split_at_checked(u16::from_le_bytes(*subject).into())?;
        let (reason, event) = rest.split_at_checked(u16::from_le_bytes(*reason).into())?;
        let cause = Cause {
            kind: kind_of(*kind)?,
            reason: str::from_utf8(reason).ok()?.to_owned(),
            attempts: u32::from_le_bytes(*attempts),
            first_failed: time(u64::from_le_bytes(*first)),
            last_failed: time(u64::from_le_bytes(*last)),
        };
        Some(Self {
            subject: str::from_utf8(subject).ok()?,
            cause,
            event,
        })
    }
}

fn code(kind: ErrorKind) -> u8 {
    match kind {
        ErrorKind::Invalid => 0,
        ErrorKind::Rejected => 1,
        ErrorKind::Unavailable => 2,
        ErrorKind::Saturated => 3,
        ErrorKind::Config => 4,
    }
}

fn kind_of(byte: u8) -> Option<ErrorKind> {
    let kinds = [
        ErrorKind::Invalid,
        ErrorKind::Rejected,
        ErrorKind::Unavailable,
        ErrorKind::Saturated,
        ErrorKind::Config,
    ];
    kinds.into_iter().find(|kind| code(*kind) == byte)
}

fn micros(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

fn time(micros: u64) -> SystemTime {
    let since = Duration::from_micros(micros);
    UNIX_EPOCH.checked_add(since).unwrap_or(UNIX_EPOCH)
}

pub(crate) const FIXED: usize = 32;

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use events_core::ErrorKind;

    use super::{Payload, Preamble};
    use crate::spool::Cause;

    #[test]
    fn a_payload_reads_back() {
        let cause = Cause {
            kind: ErrorKind::Config,
            reason: "é".to_owned(),
            attempts: 7,
            first_failed: UNIX_EPOCH + Duration::from_micros(1),
            last_failed: UNIX_EPOCH + Duration::from_micros(1_700_000_000_000_001),
        };
        let preamble = Preamble::new("a.b", &cause).unwrap();
        let parts = [
            &preamble.fixed[..],
            b"a.b",
            preamble.reason.as_bytes(),
            b"{}",
        ];
        let bytes = parts.concat();
        let payload = Payload::parse(&bytes).unwrap();
        assert_eq!((payload.subject, payload.event), ("a.b", &b"{}"[..]));
        assert_eq!(payload.cause, cause);
        let short = bytes.len() - b"{}".len();
        assert!((0..short).all(|length| Payload::parse(&bytes[..length]).is_none()));
        assert!(Preamble::new(&"x".repeat(65_536), &cause).is_none());
    }
}
