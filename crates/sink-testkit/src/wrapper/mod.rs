//! What every wrapper must do: the sinks that hold another one.
//!
//! Call [`all`] with a function that puts your wrapper around a [`ProbeSink`]. Each check is a
//! function of its own, to be run alone while one mends what it found.

mod answers;
mod forward;
mod prepare;
mod silence;

use events_core::{ErrorKind, Event, EventSink};

pub use self::answers::{error_kinds_are_kept, results_keep_their_places};
pub use self::forward::{
    an_empty_batch_is_answered_with_nothing, bytes_are_forwarded_untouched, display_nests,
    refused_events_are_not_delivered,
};
pub use self::prepare::{
    inner_prepares_first, inner_prepares_once, refused_drafts_stay_as_they_are,
};
pub use self::silence::errors_debug_and_log_stay_silent;
use crate::suite::Suite;
use crate::{Failures, ProbeSink};

/// Where a wrapper differs from one that forwards everything. By default nowhere.
#[derive(Clone, Debug, Default)]
pub struct Features {
    /// Kinds of errors that the wrapper answers otherwise, as its docs say: a spool spills what is
    /// `Unavailable`.
    pub absorbs: Vec<ErrorKind>,
    /// An event that the wrapper changes or refuses while preparing. With one it is checked that
    /// the inner sink sees it first; needed for wrappers that leave most events alone.
    pub changes: Option<Event>,
}

/// Runs every check, each on a wrapper of its own that `wrap` puts around the probe it is given.
///
/// # Errors
/// Every check that failed, by name, with its reason.
///
/// # Panics
/// Outside a Tokio runtime with time enabled.
pub async fn all<W: EventSink>(
    wrap: impl Fn(ProbeSink) -> W,
    features: Features,
) -> Result<(), Failures> {
    let mut suite = Suite::default();
    macro_rules! check {
        ($check:ident) => {
            suite
                .run(stringify!($check), $check(&wrap, &features))
                .await;
        };
    }
    check!(inner_prepares_once);
    check!(inner_prepares_first);
    check!(refused_drafts_stay_as_they_are);
    check!(refused_events_are_not_delivered);
    check!(bytes_are_forwarded_untouched);
    check!(results_keep_their_places);
    check!(error_kinds_are_kept);
    check!(an_empty_batch_is_answered_with_nothing);
    check!(display_nests);
    check!(errors_debug_and_log_stay_silent);
    suite.verdict()
}
