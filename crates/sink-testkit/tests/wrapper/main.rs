//! A wrapper without a flaw passes, and for each check there is a flaw that it finds.

mod flawed;

use std::collections::BTreeSet;

use events_core::ErrorKind;
use sink_testkit::event;
use sink_testkit::wrapper::{Features, all};

use self::flawed::{Flaw, Wrapper};

/// The wrapper adds an extension to the event `change-me`, which a plain one leaves alone.
fn features() -> Features {
    Features {
        changes: Some(event("change-me", "")),
        ..Features::default()
    }
}

#[tokio::test(start_paused = true)]
async fn a_wrapper_without_a_flaw_passes_every_check() {
    let wrap = |inner| Wrapper::new(inner, Flaw::None);
    all(wrap, features()).await.unwrap();
    all(wrap, Features::default()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn each_flaw_is_found_by_the_check_meant_for_it() {
    for (flaw, check) in FLAWS {
        let failures = all(|inner| Wrapper::new(inner, flaw), features()).await;
        let names = failures.unwrap_err().names();
        assert!(names.contains(&check), "{flaw:?} passed {check}: {names:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn each_check_has_a_flaw_that_it_finds() {
    let failures = all(|inner| Wrapper::new(inner, Flaw::Panics), features()).await;
    let checks: BTreeSet<&str> = failures.unwrap_err().names().into_iter().collect();
    let found: BTreeSet<&str> = FLAWS.into_iter().map(|(_, check)| check).collect();
    assert_eq!(checks, found);
}

#[tokio::test(start_paused = true)]
async fn kinds_that_a_wrapper_says_it_absorbs_may_become_others() {
    let features = Features {
        absorbs: vec![ErrorKind::Unavailable, ErrorKind::Saturated],
        ..features()
    };
    let wrap = |inner| Wrapper::new(inner, Flaw::CallsTransientRejected);
    all(wrap, features).await.unwrap();
}

const FLAWS: [(Flaw, &str); 21] = [
    (Flaw::ForgetsInnerPrepare, "inner_prepares_once"),
    (Flaw::PreparesTwice, "inner_prepares_once"),
    (Flaw::UndoesInnerPrepare, "inner_prepares_once"),
    (Flaw::PreparesFirst, "inner_prepares_first"),
    (Flaw::ReplacesInnerRefusals, "inner_prepares_first"),
    (Flaw::ChangesNothing, "inner_prepares_first"),
    (Flaw::TakesRefusalsBack, "refused_drafts_stay_as_they_are"),
    (Flaw::SkipsNeighbours, "refused_drafts_stay_as_they_are"),
    (Flaw::TakesRefusalsBack, "refused_events_are_not_delivered"),
    (
        Flaw::DeliversWhilePreparing,
        "refused_events_are_not_delivered",
    ),
    (Flaw::Reencodes, "bytes_are_forwarded_untouched"),
    (Flaw::ReversesBatches, "bytes_are_forwarded_untouched"),
    (Flaw::DeliversTwice, "bytes_are_forwarded_untouched"),
    (Flaw::ReversesResults, "results_keep_their_places"),
    (Flaw::AnswersFewer, "results_keep_their_places"),
    (Flaw::CallsTransientRejected, "error_kinds_are_kept"),
    (
        Flaw::AnswersNothing,
        "an_empty_batch_is_answered_with_nothing",
    ),
    (Flaw::PrintsItsNameAlone, "display_nests"),
    (
        Flaw::ShowsItsLastInDebug,
        "errors_debug_and_log_stay_silent",
    ),
    (Flaw::ShowsIdsInErrors, "errors_debug_and_log_stay_silent"),
    (Flaw::LogsIds, "errors_debug_and_log_stay_silent"),
];
