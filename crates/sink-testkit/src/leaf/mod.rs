//! What every leaf must do: the sinks that store events themselves.
//!
//! Implement [`LeafUnderTest`] for a place your sink can store in, say in [`Features`] what your
//! sink promises, and call [`all`]. Each check is a function of its own, to be run alone while one
//! mends what it found.

mod answers;
mod cancel;
mod identity;
mod prepare;
mod silence;
mod storage;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use events_core::EventSink;

pub use self::answers::{
    an_empty_batch_is_answered_with_nothing, an_oversized_event_harms_only_itself,
    each_event_gets_one_result, unreachable_is_said_in_time,
};
pub use self::cancel::a_cancelled_delivery_leaves_no_torn_record;
pub use self::identity::{an_identity_twice_is_stored_once, odd_ids_are_stored};
pub(crate) use self::prepare::same_refusal;
pub use self::prepare::{prepare_changes_nothing, refused_drafts_stay_as_they_are};
pub use self::silence::errors_debug_and_log_stay_silent;
pub use self::storage::{
    bytes_are_stored_untouched, concurrent_events_all_land, order_is_kept, stored_means_kept,
};
use crate::Failures;
use crate::suite::Suite;

/// A place of its own that the sink under test stores in, and a way to look into it.
pub trait LeafUnderTest {
    /// Opens the sink. Called again after the last clone of the sink is gone, it opens the same
    /// place anew.
    fn open(&mut self) -> impl Future<Output = Arc<dyn EventSink>>;

    /// What is stored, oldest first, one entry a record, read from the place and not asked of the
    /// sink. A torn or damaged record is an entry too, as it is found.
    fn read_back(&mut self) -> impl Future<Output = Vec<Bytes>>;

    /// Cuts the open sink off from what it stores in. Needed for
    /// [`Features::unreachable_within`] alone; without a body it does nothing.
    fn cut_off(&mut self) -> impl Future<Output = ()> {
        async {}
    }
}

/// What a leaf promises beyond the port. By default nothing; what is not promised is not checked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Features {
    /// What was `Ok` is still there after the sink was dropped and opened anew.
    pub persistent: bool,
    /// An event that comes again is stored once.
    pub dedupes: bool,
    /// Events are stored in the order of the batch, and batches in the order they were awaited.
    pub ordered: bool,
    /// `prepare` changes or refuses events. What it makes of them is for tests of your own.
    pub prepares: bool,
    /// The longest sealed event the sink may store, in bytes; longer ones are `Rejected`.
    pub max_event_bytes: Option<usize>,
    /// How long the sink may take to say `Unavailable` after [`LeafUnderTest::cut_off`].
    pub unreachable_within: Option<Duration>,
}

/// Runs every check that `features` ask for, each on a place of its own that `make` makes.
///
/// # Errors
/// Every check that failed, by name, with its reason.
///
/// # Panics
/// Outside a Tokio runtime with time enabled.
pub async fn all<L: LeafUnderTest>(
    make: impl Fn() -> L,
    features: Features,
) -> Result<(), Failures> {
    let mut suite = Suite::default();
    macro_rules! check {
        ($check:ident) => {
            let mut leaf = make();
            suite
                .run(stringify!($check), $check(&mut leaf, features))
                .await;
        };
    }
    check!(bytes_are_stored_untouched);
    check!(concurrent_events_all_land);
    check!(odd_ids_are_stored);
    check!(each_event_gets_one_result);
    check!(an_empty_batch_is_answered_with_nothing);
    check!(a_cancelled_delivery_leaves_no_torn_record);
    check!(refused_drafts_stay_as_they_are);
    check!(errors_debug_and_log_stay_silent);
    if features.ordered {
        check!(order_is_kept);
    }
    if features.persistent {
        check!(stored_means_kept);
    }
    if features.dedupes {
        check!(an_identity_twice_is_stored_once);
    }
    if !features.prepares {
        check!(prepare_changes_nothing);
    }
    if features.max_event_bytes.is_some() {
        check!(an_oversized_event_harms_only_itself);
    }
    if features.unreachable_within.is_some() {
        check!(unreachable_is_said_in_time);
    }
    suite.verdict()
}
