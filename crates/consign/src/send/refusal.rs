use async_nats::jetstream::context::{PublishError, PublishErrorKind};
use std::error::Error as _;
use supervisor::Reached;
use supervisor::exit::{Exit, Failure};

use super::Fate;
use crate::history::uncaptured;
use crate::human::{safe, size};

/// What it means that a message was not acknowledged, and what is known of it.
pub(super) fn refused(
    error: &PublishError,
    subject: &str,
    length: usize,
    reached: &Reached,
) -> (Failure, Fate) {
    let what = format!("publish {} to {subject:?}", size(length as u64));
    let url = &reached.server.url;
    let failure = match error.kind() {
        PublishErrorKind::StreamNotFound => uncaptured(subject, reached),
        PublishErrorKind::MaxPayloadExceeded => {
            let limit = reached.state.borrow().max_payload.unwrap_or_default();
            let limit = size(limit as u64);
            Failure::new(Exit::Failed, what)
                .because(format!(
                    "it is larger than {url} takes, {limit} with headers"
                ))
                .try_next("less data, or a larger max_payload in the server's configuration")
        }
        _ if reached.state.borrow().refuses_publish(subject) => Failure::new(Exit::Failed, what)
            .because(format!("the login may not publish to it on {url}"))
            .try_next("another --user, --creds or --nkey, or a permission for this one"),
        PublishErrorKind::TimedOut | PublishErrorKind::BrokenPipe => {
            let why = format!(
                "no acknowledgement came from {url} in time; it may be stored all the same"
            );
            let failure = Failure::new(Exit::Unreachable, what).because(why);
            return (failure, Fate::Unknown);
        }
        PublishErrorKind::WrongLastMessageId
        | PublishErrorKind::WrongLastSequence
        | PublishErrorKind::MaxAckPending
        | PublishErrorKind::Other => {
            let cause = error.source().map(ToString::to_string);
            let cause = cause.unwrap_or_else(|| error.to_string());
            Failure::new(Exit::Failed, what)
                .because(format!("{url} says: {}", safe(&cause)))
                .try_next("consign stream info, for the stream's limits and settings")
        }
    };
    (failure, Fate::Refused)
}
