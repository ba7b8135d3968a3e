use futures::stream::{self, BoxStream, StreamExt as _};
use supervisor::Reached;
use supervisor::exit::Failure;

use super::Entry;
use crate::human::safe;

/// When the connection to the broker goes, and when it is back. Nothing is missed by whoever reads
/// what is kept, so that this is no gap.
pub(super) fn outages(reached: &Reached) -> BoxStream<'static, Result<Entry, Failure>> {
    let mut state = reached.state.clone();
    let connected = state.borrow_and_update().connected;
    let told = stream::unfold(
        (state, connected),
        |(mut state, was_connected)| async move {
            loop {
                state.changed().await.ok()?;
                let now = state.borrow_and_update().clone();
                if now.connected == was_connected {
                    continue;
                }
                let words = match (now.connected, now.last_error) {
                    (true, _) => BACK.to_owned(),
                    (false, None) => AWAY.to_owned(),
                    (false, Some(error)) => format!("{AWAY} ({})", safe(&error.words)),
                };
                return Some((Ok(Entry::Notice(words)), (state, now.connected)));
            }
        },
    );
    told.boxed()
}

const AWAY: &str = "the connection to the broker is gone; what comes meanwhile is shown afterwards";
const BACK: &str = "the connection to the broker is back";
