use std::future::ready;

use futures::stream::{BoxStream, StreamExt as _};
use supervisor::Reached;
use supervisor::exit::Failure;

use super::Entry;
use crate::human::safe;

/// When the connection to the broker goes, and when it is back. Nothing is missed by whoever reads
/// what is kept, so that this is no gap.
pub(super) fn outages(reached: &Reached) -> BoxStream<'static, Result<Entry, Failure>> {
    let told = reached.changes().filter_map(|(was_connected, now)| {
        let words = match (now.connected, now.last_error) {
            (same, _) if same == was_connected => return ready(None),
            (true, _) => BACK.to_owned(),
            (false, None) => AWAY.to_owned(),
            (false, Some(error)) => format!("{AWAY} ({})", safe(&error.words)),
        };
        ready(Some(Ok(Entry::Notice(words))))
    });
    told.boxed()
}

const AWAY: &str = "the connection to the broker is gone; what comes meanwhile is shown afterwards";
const BACK: &str = "the connection to the broker is back";
