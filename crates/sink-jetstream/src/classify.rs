use events_core::ErrorKind;

use crate::PublishError;

/// What an error is to the sink: one of a handful of things to do next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Class {
    /// The whole broker is away. Counts for the breaker.
    Away,
    /// One stream is not ready: an election, a move, the same message under way already.
    NotReady,
    /// There is no room now.
    Full,
    /// No stream takes the subject: not ready at first, a mistake after a while.
    NoStream,
    /// The stream is not the one that was expected.
    OtherStream,
    /// This message is refused for good.
    Refused,
    /// An operator has to change something.
    Mistake,
}

impl Class {
    pub(crate) fn of(error: &PublishError) -> Self {
        match error {
            PublishError::Disconnected | PublishError::TimedOut => Self::Away,
            PublishError::NoResponders => Self::NoStream,
            PublishError::TooLarge | PublishError::BadSubject => Self::Refused,
            PublishError::Denied | PublishError::Garbled => Self::Mistake,
            PublishError::Busy => Self::Full,
            PublishError::Refused(refusal) => Self::of_code(refusal.status, refusal.code),
        }
    }

    /// The class of a JetStream error, by its code. Codes that publishing does not meet, and
    /// those of servers to come, go by their status.
    fn of_code(status: u16, code: u64) -> Self {
        match code {
            NO_PEERS | NOT_ACTIVE | NOT_ASSIGNED | NOT_AVAILABLE | NOT_LEADER | RAFT => Self::Away,
            STREAM_OFFLINE
            | STREAM_OFFLINE_REASON
            | DUPLICATE_UNDER_WAY
            | LAST_SEQUENCE_NOT_READY
            | STREAM_MOVES => Self::NotReady,
            // The server's own limit, of memory or of files: streams of the other kind go on.
            INSUFFICIENT_RESOURCES
            | ACCOUNT_FULL
            | MEMORY_FULL
            | STORAGE_FULL
            | STORE_FAILED
            | TOO_MANY_REQUESTS => Self::Full,
            STREAM_NOT_FOUND => Self::NoStream,
            NOT_THE_STREAM => Self::OtherStream,
            MESSAGE_TOO_LARGE
            | HEADERS_TOO_LARGE
            | WRONG_LAST_ID
            | WRONG_LAST_SEQUENCE
            | WRONG_LAST_SEQUENCE_CONSTANT
            | ROLLUP
            | TTL_INVALID => Self::Refused,
            NO_ACCOUNT
            | NOT_ENABLED
            | NOT_ENABLED_FOR_ACCOUNT
            | STREAM_SEALED
            | STREAM_INVALID
            | NO_LIMITS
            | TTL_DISABLED
            | NOT_COUNTED
            | COUNT_MISSING => Self::Mistake,
            _ => Self::of_status(status),
        }
    }

    fn of_status(status: u16) -> Self {
        match status {
            408 => Self::Away,
            429 => Self::Full,
            500.. => Self::NotReady,
            // Set aside, not dead: who knows what it means can look at it.
            _ => Self::Mistake,
        }
    }

    /// The kind, where it does not depend on what happened before.
    pub(crate) fn kind(self) -> ErrorKind {
        match self {
            Self::Away | Self::NotReady | Self::NoStream => ErrorKind::Unavailable,
            Self::Full => ErrorKind::Saturated,
            Self::Refused => ErrorKind::Rejected,
            Self::OtherStream | Self::Mistake => ErrorKind::Config,
        }
    }
}

// The numbers of nats-server's errors.json that publishing can meet.
const ACCOUNT_FULL: u64 = 10002;
const NO_PEERS: u64 = 10005;
const NOT_ACTIVE: u64 = 10006;
const NOT_ASSIGNED: u64 = 10007;
const NOT_AVAILABLE: u64 = 10008;
const NOT_LEADER: u64 = 10009;
const INSUFFICIENT_RESOURCES: u64 = 10023;
const MEMORY_FULL: u64 = 10028;
const NO_ACCOUNT: u64 = 10035;
const NOT_ENABLED_FOR_ACCOUNT: u64 = 10039;
const RAFT: u64 = 10041;
const STORAGE_FULL: u64 = 10047;
const MESSAGE_TOO_LARGE: u64 = 10054;
const STREAM_NOT_FOUND: u64 = 10059;
const NOT_THE_STREAM: u64 = 10060;
const WRONG_LAST_ID: u64 = 10070;
const WRONG_LAST_SEQUENCE: u64 = 10071;
const NOT_ENABLED: u64 = 10076;
const STORE_FAILED: u64 = 10077;
const STREAM_INVALID: u64 = 10096;
const HEADERS_TOO_LARGE: u64 = 10097;
const STREAM_SEALED: u64 = 10109;
const ROLLUP: u64 = 10111;
const STREAM_OFFLINE: u64 = 10118;
const NO_LIMITS: u64 = 10120;
const STREAM_MOVES: u64 = 10124;
const DUPLICATE_UNDER_WAY: u64 = 10158;
const LAST_SEQUENCE_NOT_READY: u64 = 10163;
const WRONG_LAST_SEQUENCE_CONSTANT: u64 = 10164;
const TTL_INVALID: u64 = 10165;
const TTL_DISABLED: u64 = 10166;
const TOO_MANY_REQUESTS: u64 = 10167;
const NOT_COUNTED: u64 = 10168;
const COUNT_MISSING: u64 = 10169;
const STREAM_OFFLINE_REASON: u64 = 10194;

#[cfg(test)]
mod tests {
    use events_core::ErrorKind::{Config, Rejected, Saturated, Unavailable};

    use super::Class;
    use crate::{PublishError, Refusal};

    fn class(status: u16, code: u64) -> Class {
        Class::of(&PublishError::Refused(Refusal::new(status, code, "")))
    }

    /// Whatever status a known code comes with, it is the code that decides.
    #[test]
    fn fb14_every_code_that_publishing_meets_has_its_kind() {
        let table = [
            (10002, Saturated),
            (10005, Unavailable),
            (10006, Unavailable),
            (10007, Unavailable),
            (10008, Unavailable),
            (10009, Unavailable),
            (10023, Saturated),
            (10028, Saturated),
            (10035, Config),
            (10039, Config),
            (10041, Unavailable),
            (10047, Saturated),
            (10054, Rejected),
            (10059, Unavailable),
            (10060, Config),
            (10070, Rejected),
            (10071, Rejected),
            (10076, Config),
            (10077, Saturated),
            (10096, Config),
            (10097, Rejected),
            (10109, Config),
            (10111, Rejected),
            (10118, Unavailable),
            (10120, Config),
            (10124, Unavailable),
            (10158, Unavailable),
            (10163, Unavailable),
            (10164, Rejected),
            (10165, Rejected),
            (10166, Config),
            (10167, Saturated),
            (10168, Config),
            (10169, Config),
            (10194, Unavailable),
        ];
        for (code, kind) in table {
            for status in [0, 400, 408, 429, 500, 503] {
                assert_eq!(class(status, code).kind(), kind, "{code}");
            }
        }
    }

    /// One stream's trouble is not the broker's.
    #[test]
    fn only_what_concerns_the_whole_broker_counts_for_the_breaker() {
        let counting = [10005, 10006, 10007, 10008, 10009, 10041];
        for code in 10000..10300 {
            let counts = class(500, code) == Class::Away;
            assert_eq!(counts, counting.contains(&code), "{code}");
        }
        assert_eq!(Class::of(&PublishError::TimedOut), Class::Away);
        assert_eq!(Class::of(&PublishError::Disconnected), Class::Away);
    }

    #[test]
    fn unknown_codes_go_by_their_status() {
        let kind = |status| class(status, 19_999).kind();
        assert_eq!(kind(500), Unavailable);
        assert_eq!(kind(503), Unavailable);
        assert_eq!(kind(408), Unavailable);
        assert_eq!(kind(429), Saturated);
        assert_eq!([400, 404, 0, 200].map(kind), [Config; 4]);
    }

    #[test]
    fn errors_of_the_client_have_their_kind() {
        let kind = |error: &PublishError| Class::of(error).kind();
        assert_eq!(kind(&PublishError::TooLarge), Rejected);
        assert_eq!(kind(&PublishError::BadSubject), Rejected);
        assert_eq!(kind(&PublishError::Denied), Config);
        assert_eq!(kind(&PublishError::Garbled), Config);
        assert_eq!(kind(&PublishError::Busy), Saturated);
        assert_eq!(kind(&PublishError::NoResponders), Unavailable);
    }
}
