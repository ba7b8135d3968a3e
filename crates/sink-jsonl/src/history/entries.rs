use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use events_core::Filter;
use events_core::subject::Routes;
use futures::stream::{self, BoxStream, Stream, StreamExt as _};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::walk::{Step, Walk};
use super::{Entry, Gap, HistoryError, Item, Position};

/// A reading under way: what the filter wants, in order, as fast as it is taken. It reads one
/// block ahead and no more.
///
/// Ends at its end, or with an error: then what came is not all there is, and
/// [`position`](Self::position) is where to go on.
#[must_use = "nothing is read before it is polled"]
pub struct Entries {
    inner: BoxStream<'static, Result<Entry, HistoryError>>,
    position: Option<Position>,
}

/// What a reading needs to know beside where it stands.
pub(super) struct Wanted {
    pub(super) filter: Filter,
    pub(super) routes: Routes,
    /// What says that more may have come; without it the journal is looked at ten times a second.
    pub(super) wakes: Option<BoxStream<'static, ()>>,
}

impl Entries {
    /// The position of the last item that came, or of the one it began behind.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        self.position
    }

    /// Tells `gap`, if any, and then what is along the way.
    pub(super) fn new(
        walk: Walk,
        wanted: Wanted,
        gap: Option<Gap>,
        position: Option<Position>,
    ) -> Self {
        let Wanted {
            filter,
            routes,
            wakes,
        } = wanted;
        let state = State {
            walk,
            filter,
            routes,
            pause: Pause::new(wakes),
            ready: gap.map(Entry::Gap).into_iter().collect(),
        };
        let inner = stream::unfold(Some(state), |state| async {
            match state?.next().await {
                Ok(Some((entry, state))) => Some((Ok(entry), Some(state))),
                Ok(None) => None,
                Err(error) => Some((Err(error), None)),
            }
        });
        Self {
            inner: inner.boxed(),
            position,
        }
    }
}

impl Stream for Entries {
    type Item = Result<Entry, HistoryError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = self.inner.poll_next_unpin(cx);
        if let Poll::Ready(Some(Ok(Entry::Item(item)))) = &polled {
            self.position = Some(item.position);
        }
        polled
    }
}

impl fmt::Debug for Entries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entries")
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}

struct State {
    walk: Walk,
    filter: Filter,
    routes: Routes,
    pause: Pause,
    ready: VecDeque<Entry>,
}

impl State {
    async fn next(mut self) -> Result<Option<(Entry, Self)>, HistoryError> {
        loop {
            if let Some(entry) = self.ready.pop_front() {
                return Ok(Some((entry, self)));
            }
            let (state, step) = spawn_blocking(move || {
                let step = self.read();
                (self, step)
            })
            .await
            .map_err(|_| HistoryError::Stopped)?;
            self = state;
            match step? {
                Go::On => {}
                Go::Wait => self.pause.wait().await,
                Go::End => return Ok(None),
            }
        }
    }

    fn read(&mut self) -> Result<Go, HistoryError> {
        match self.walk.step()? {
            Step::Lines(lines) => {
                let items = lines.into_iter().filter_map(|line| {
                    Item::wanted(
                        line.at,
                        line.bytes,
                        line.written,
                        &self.filter,
                        &self.routes,
                    )
                });
                self.ready.extend(items.map(Entry::Item));
            }
            Step::Gap(gap) => self.ready.push_back(Entry::Gap(gap)),
            Step::Wait => return Ok(Go::Wait),
            Step::End => return Ok(Go::End),
        }
        Ok(Go::On)
    }
}

enum Go {
    On,
    Wait,
    End,
}

/// Waits until it is worth while to look again.
struct Pause {
    wakes: Option<BoxStream<'static, ()>>,
    looked: Instant,
}

impl Pause {
    fn new(wakes: Option<BoxStream<'static, ()>>) -> Self {
        let looked = Instant::now();
        Self { wakes, looked }
    }

    async fn wait(&mut self) {
        let Some(wakes) = &mut self.wakes else {
            sleep(POLL).await;
            return;
        };
        if let Ok(None) = timeout(QUIET, wakes.next()).await {
            self.wakes = None;
        }
        // One look is enough for all that comes in quick succession.
        sleep_until(self.looked + PACE).await;
        self.looked = Instant::now();
    }
}

/// How often a journal is looked at when nothing comes and nothing would say so.
const POLL: Duration = Duration::from_millis(100);
/// How often it is looked at besides, where something does.
const QUIET: Duration = Duration::from_secs(1);
/// The least time between two looks that something asked for.
const PACE: Duration = Duration::from_millis(10);
