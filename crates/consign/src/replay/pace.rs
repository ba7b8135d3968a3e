use std::num::NonZeroU32;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::{Instant, sleep_until};

use crate::history::Item;

/// How fast items are let through.
#[derive(Debug)]
pub(super) enum Pace {
    /// As fast as they are taken.
    None,
    /// One each time so much time has passed.
    Rate { each: Duration, next: Instant },
    /// As far apart as they were stored. Known from the first one on.
    Original(Option<(DateTime<Utc>, Instant)>),
}

impl Pace {
    pub(super) fn rate(rate: NonZeroU32) -> Self {
        let each = Duration::from_secs(1) / rate.get();
        let next = Instant::now();
        Self::Rate { each, next }
    }

    pub(super) const fn original() -> Self {
        Self::Original(None)
    }

    /// Waits until the item's time has come.
    pub(super) async fn wait(&mut self, item: &Item) {
        match self {
            Self::None => {}
            Self::Rate { each, next } => {
                sleep_until(*next).await;
                // What came late is not made up for: a rate is a bound.
                *next = (*next + *each).max(Instant::now());
            }
            Self::Original(first) => {
                let Some(time) = item.time() else {
                    return;
                };
                let (stored, began) = *first.get_or_insert_with(|| (time, Instant::now()));
                let apart = (time - stored).to_std().unwrap_or_default();
                sleep_until(began + apart).await;
            }
        }
    }
}
