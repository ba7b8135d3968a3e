//! A leaf without a flaw passes, and for each check there is a flaw that it finds.

mod flawed;

use std::collections::BTreeSet;
use std::time::Duration;

use events_core::MemorySink;
use sink_testkit::leaf::{Features, LeafUnderTest, all};

use self::flawed::{Flaw, Place};

#[tokio::test(start_paused = true)]
async fn a_leaf_without_a_flaw_passes_every_check() {
    all(|| Place::with(Flaw::None), EVERYTHING).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn each_flaw_is_found_by_the_check_meant_for_it() {
    for (flaw, check) in FLAWS {
        let failures = all(|| Place::with(flaw), EVERYTHING).await.unwrap_err();
        let names = failures.names();
        assert!(names.contains(&check), "{flaw:?} passed {check}: {names:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn each_check_has_a_flaw_that_it_finds() {
    let failures = all(|| Place::with(Flaw::Panics), EVERYTHING).await;
    let checks: BTreeSet<&str> = failures.unwrap_err().names().into_iter().collect();
    let found: BTreeSet<&str> = FLAWS.into_iter().map(|(_, check)| check).collect();
    assert_eq!(checks, found);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_promised_is_not_checked() {
    for flaw in [
        Flaw::ForgetsOnReopening,
        Flaw::StoresTwice,
        Flaw::AddsWhilePreparing,
        Flaw::ReversesBatches,
        Flaw::HangsWhenCutOff,
    ] {
        let features = Features {
            prepares: true,
            ..Features::default()
        };
        all(|| Place::with(flaw), features).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn failures_say_which_and_why() {
    let failures = all(|| Place::with(Flaw::AnswersFewer), EVERYTHING).await;
    let text = format!("{:?}", failures.unwrap_err());
    let line = "each_event_gets_one_result: answered 1 results for 2 events";
    assert!(text.starts_with("failed checks:\n"), "{text}");
    assert!(text.contains(line), "{text}");
}

#[derive(Default)]
struct Memory(MemorySink);

impl LeafUnderTest for Memory {
    async fn open(&mut self) -> std::sync::Arc<dyn events_core::EventSink> {
        std::sync::Arc::new(self.0.clone())
    }

    async fn read_back(&mut self) -> Vec<bytes::Bytes> {
        let events = self.0.events();
        events.iter().map(|event| event.bytes().clone()).collect()
    }
}

#[tokio::test]
async fn memory_sink_conforms() {
    let features = Features {
        ordered: true,
        persistent: true,
        ..Features::default()
    };
    all(Memory::default, features).await.unwrap();
}

const EVERYTHING: Features = Features {
    persistent: true,
    dedupes: true,
    ordered: true,
    prepares: false,
    max_event_bytes: Some(flawed::MAX_EVENT_BYTES),
    unreachable_within: Some(Duration::from_secs(1)),
};

const FLAWS: [(Flaw, &str); 24] = [
    (Flaw::AnswersBeforeStoring, "bytes_are_stored_untouched"),
    (Flaw::Reencodes, "bytes_are_stored_untouched"),
    (Flaw::LosesOneOfTwoAtOnce, "concurrent_events_all_land"),
    (Flaw::RefusesNonAscii, "odd_ids_are_stored"),
    (Flaw::AnswersFewer, "each_event_gets_one_result"),
    (Flaw::AnswersMore, "each_event_gets_one_result"),
    (
        Flaw::AnswersNothing,
        "an_empty_batch_is_answered_with_nothing",
    ),
    (
        Flaw::HangsOnNothing,
        "an_empty_batch_is_answered_with_nothing",
    ),
    (Flaw::Tears, "a_cancelled_delivery_leaves_no_torn_record"),
    (
        Flaw::StopsOnceCancelled,
        "a_cancelled_delivery_leaves_no_torn_record",
    ),
    (Flaw::TakesRefusalsBack, "refused_drafts_stay_as_they_are"),
    (Flaw::ReplacesRefusals, "refused_drafts_stay_as_they_are"),
    (
        Flaw::ShowsItsLastInDebug,
        "errors_debug_and_log_stay_silent",
    ),
    (Flaw::ShowsIdsInErrors, "errors_debug_and_log_stay_silent"),
    (Flaw::LogsIds, "errors_debug_and_log_stay_silent"),
    (Flaw::ReversesBatches, "order_is_kept"),
    (Flaw::ForgetsOnReopening, "stored_means_kept"),
    (Flaw::StoresTwice, "an_identity_twice_is_stored_once"),
    (Flaw::AddsWhilePreparing, "prepare_changes_nothing"),
    (
        Flaw::StoresAnyLength,
        "an_oversized_event_harms_only_itself",
    ),
    (
        Flaw::RefusesBatchesForOne,
        "an_oversized_event_harms_only_itself",
    ),
    (
        Flaw::CallsLengthInvalid,
        "an_oversized_event_harms_only_itself",
    ),
    (Flaw::HangsWhenCutOff, "unreachable_is_said_in_time"),
    (Flaw::CallsCutOffConfig, "unreachable_is_said_in_time"),
];
