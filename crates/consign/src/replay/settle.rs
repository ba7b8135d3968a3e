use std::fmt;

use async_nats::jetstream::publish::PublishAck;
use serde_json::value::RawValue;
use supervisor::exit::Failure;

use crate::history::{Bookmark, Place};
use crate::output::Output;
use crate::send::{Answers, Kept, Tally};

/// Goes with an event that is handed over, and comes back with its answer.
pub(super) struct Tag(pub(super) Option<Place>);

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(place) => place.fmt(f),
            None => f.write_str("an event"),
        }
    }
}

impl Tag {
    /// What it stands for is dealt with.
    fn done(&self, bookmark: &mut Bookmark) {
        if let Some(place) = &self.0 {
            bookmark.reach(place);
        }
    }
}

/// Counts what became of events. The bookmark stays before the first that is not known to be dealt
/// with.
///
/// # Errors
/// What `judge` makes of an answer, or why there was none.
pub(super) fn settle<K>(
    answers: Answers<Tag, K>,
    mut judge: impl FnMut(&Tag, Result<K, Failure>, &mut Tally) -> Result<(), Failure>,
    tally: &mut Tally,
    bookmark: &mut Bookmark,
) -> Result<(), Failure> {
    let mut failed = None;
    for (tag, answer) in answers.answered {
        match judge(&tag, answer, tally) {
            Ok(()) if failed.is_none() => tag.done(bookmark),
            Ok(()) => {}
            Err(failure) => failed = failed.or(Some(failure)),
        }
    }
    if let Some(broken) = answers.broken {
        for (tag, answer) in broken.later {
            // What it broke off for is told.
            let _counted = judge(&tag, answer, tally);
        }
        tally.lose(broken.tags.len(), broken.fate);
        failed = failed.or(Some(broken.failure));
    }
    failed.map_or(Ok(()), Err)
}

/// What the broker says. What a stream refuses once, it is likely to refuse for all that follow.
pub(super) fn acknowledged(
    _tag: &Tag,
    answer: Result<PublishAck, Failure>,
    tally: &mut Tally,
) -> Result<(), Failure> {
    let count = match &answer {
        Ok(ack) if ack.duplicate => &mut tally.duplicates,
        Ok(_) => &mut tally.stored,
        Err(_) => &mut tally.refused,
    };
    *count += 1;
    answer.map(drop)
}

/// What a supervisor says. It refuses an event for the event's own sake, and takes others.
pub(super) fn decided(
    output: &mut Output,
) -> impl FnMut(&Tag, Result<Kept, Failure>, &mut Tally) -> Result<(), Failure> {
    |tag, answer, tally| {
        let count = match &answer {
            Ok(kept) if kept.outcome == "spilled" => &mut tally.spilled,
            Ok(kept) if is_duplicate(&kept.receipt) => &mut tally.duplicates,
            Ok(_) => &mut tally.stored,
            Err(failure) => {
                output.insist(&format!("{tag}: {failure}"));
                &mut tally.refused
            }
        };
        *count += 1;
        Ok(())
    }
}

/// Whether a receipt says that the stream had the event already.
fn is_duplicate(receipt: &RawValue) -> bool {
    #[derive(serde::Deserialize)]
    struct Receipt {
        #[serde(default)]
        duplicate: bool,
    }
    serde_json::from_str::<Receipt>(receipt.get()).is_ok_and(|receipt| receipt.duplicate)
}
