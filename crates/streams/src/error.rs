use async_nats::jetstream::context::{RequestError, RequestErrorKind};
use thiserror::Error;

use crate::StreamName;

/// Why the server could not be asked about streams, or would not change one.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StreamsError {
    /// Nobody answers for JetStream.
    #[error("find jetstream on the server")]
    NotEnabled,
    /// The account may not use JetStream.
    #[error("use jetstream in this account")]
    NotEnabledForAccount,
    /// No answer in time.
    #[error("{doing}: no answer in time")]
    TimedOut {
        /// What was asked for.
        doing: String,
    },
    /// The subjects, or some of them, are another stream's.
    #[error("let {stream} capture its subjects: another stream does already")]
    Overlap {
        /// The stream that cannot be.
        stream: String,
    },
    /// The server refuses what it was asked for, for a reason of its own.
    #[error("{doing}: the server says {reason}")]
    Refused {
        /// What was asked for.
        doing: String,
        /// The server's error code.
        code: u64,
        /// The server's words.
        reason: String,
    },
    /// The stream is not what it was when the plan was made.
    #[error("change {stream}: it changed after the plan was made")]
    Changed {
        /// The stream.
        stream: StreamName,
    },
    /// What was asked for in parts changed again and again, so that no reading of it is whole.
    #[error("{doing}: it changed again and again meanwhile")]
    Unsteady {
        /// What was asked for.
        doing: String,
    },
    /// The connection failed, or the answer is none that can be read.
    #[error("{doing}")]
    Request {
        /// What was asked for.
        doing: String,
        /// Why it failed.
        source: RequestError,
    },
}

impl StreamsError {
    /// What the operator can do about it, as a sentence without a full stop.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::NotEnabled => {
                "start nats-server with --jetstream; with a leaf node or a domain, name it in CONSIGN_NATS_DOMAIN"
            }
            Self::NotEnabledForAccount => "enable jetstream for the account of this login",
            Self::TimedOut { .. } => {
                "is the server reachable, has its cluster a leader, and may this login publish to $JS.API.STREAM.> and subscribe to its inbox? A server does not answer what it forbids"
            }
            Self::Overlap { .. } => {
                "find the stream with nats stream find --subject, then narrow its subjects, delete it, or declare it in CONSIGN_STREAMS_FILE"
            }
            Self::Refused {
                code: 10_005 | 10_074,
                ..
            } => "ask for no more replicas than the cluster has servers (CONSIGN_STREAM_REPLICAS)",
            Self::Refused {
                code: 10_047 | 10_028,
                ..
            } => "raise the account's or the server's limit of storage, or lower max_bytes",
            Self::Refused { code, .. } if UNREADY.contains(code) => {
                "wait until the cluster has a leader and enough of its servers"
            }
            Self::Refused { code: 10_113, .. } => {
                "this account wants a max_bytes of every stream: declare them in CONSIGN_STREAMS_FILE"
            }
            Self::Refused { code: 10_059, .. } => "consign stream ls shows which streams there are",
            Self::Refused { code: 10_014, .. } => {
                "consign consumer ls shows which consumers there are"
            }
            Self::Refused { .. } => "change the declaration, or the server, and plan again",
            Self::Changed { .. } => "plan again",
            Self::Unsteady { .. } => "again, when less is going on",
            Self::Request { .. } => {
                "is the server reachable, and is it a nats-server 2.10 or later"
            }
        }
    }

    /// Whether the server says that nobody leads: the cluster, or what was asked for.
    #[must_use]
    pub fn is_leaderless(&self) -> bool {
        matches!(self, Self::Refused { code, .. } if UNREADY.contains(code))
    }

    /// Whether the same may succeed a little later, with nobody's help.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::TimedOut { .. } | Self::Changed { .. } | Self::Unsteady { .. } => true,
            Self::Request { source, .. } => source.kind() == RequestErrorKind::Other,
            Self::Refused { code, .. } => UNREADY.contains(code),
            Self::NotEnabled | Self::NotEnabledForAccount | Self::Overlap { .. } => false,
        }
    }

    /// Whether nothing else can succeed either, as opposed to a refusal of one stream.
    pub(crate) fn concerns_all(&self) -> bool {
        match self {
            Self::NotEnabled
            | Self::NotEnabledForAccount
            | Self::TimedOut { .. }
            | Self::Request { .. } => true,
            Self::Refused { code, .. } => UNREADY.contains(code),
            Self::Overlap { .. } | Self::Changed { .. } | Self::Unsteady { .. } => false,
        }
    }
}

/// The server's codes for a cluster or a stream without a leader, or with too few servers up.
const UNREADY: [u64; 4] = [10_008, 10_009, 10_118, 10_194];
