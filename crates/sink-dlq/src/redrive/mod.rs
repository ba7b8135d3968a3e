//! Delivering what is in the spool.

mod agenda;
mod ahead;
mod attempt;
mod backoff;
mod by_hand;
mod call;
mod progress;
mod report;
mod round;
mod settle;
mod unnoted;

use std::sync::Arc;
use std::time::Duration;

use tokio::task::yield_now;
use tokio::time::{sleep, sleep_until};

use self::call::Call;
pub use self::progress::{LastError, RedriverState, RedriverStatus};
pub use self::report::{NotStored, RedriveReport, Selection};
use self::round::Next;
pub(crate) use self::round::Redriver;
use crate::core::Core;
use crate::error::chain;
use crate::{Area, Limit, Redrive};

/// Redrives in the background until the handle is closed, whatever happens.
pub(crate) async fn run(core: Arc<Core>) {
    while let Err(error) = Call::start(work(Arc::clone(&core))).await {
        if error.is_cancelled() {
            // The runtime ends.
            break;
        }
        tracing::error!("the redriver panicked; it begins anew");
        sleep(AFTER_PANIC).await;
    }
    core.progress().state = RedriverState::Stopped;
}

async fn work(core: Arc<Core>) {
    let mut closing = core.closing.subscribe();
    tokio::select! {
        biased;
        _ = closing.wait_for(|closing| *closing) => return,
        () = core.declare_kept() => {}
    }
    if core.config.redrive == Redrive::Manual {
        return;
    }
    while !core.is_closing() {
        // Not dropped in the middle: what the destination took is noted.
        let next = core.redriver.lock().await.step(&core).await;
        if matches!(next, Next::Never) {
            return;
        }
        tokio::select! {
            biased;
            _ = closing.wait_for(|closing| *closing) => {}
            () = pause(&core, next) => {}
        }
    }
}

async fn pause(core: &Core, next: Next) {
    match next {
        Next::Now | Next::Never => yield_now().await,
        Next::WhenWoken => core.wake.notified().await,
        Next::At(at) => tokio::select! {
            () = sleep_until(at) => {}
            () = core.wake.notified() => {}
        },
    }
}

impl Core {
    /// Declares the numbers of all records that no stream is to be expected to have. Numbers that
    /// an altered record bears are anybody's, and say nothing.
    async fn declare_kept(&self) {
        if self.config.signer.is_none() {
            return;
        }
        for area in [Area::SetAside, Area::Dead] {
            let mut after = None;
            loop {
                let records = match self.spool.next(area, after, DECLARED_AT_ONCE).await {
                    Ok(records) => records,
                    Err(error) => {
                        let reason = chain(&error);
                        tracing::error!(reason, "the spool cannot be read");
                        break;
                    }
                };
                let Some(last) = records.last() else {
                    break;
                };
                after = Some(last.id);
                for record in &records {
                    if self.is_sound(record) {
                        self.declare(area, record.event.attributes());
                    }
                    yield_now().await;
                }
            }
        }
    }
}

const AFTER_PANIC: Duration = Duration::from_secs(1);

const DECLARED_AT_ONCE: Limit = Limit {
    records: 256,
    bytes: 1 << 20,
};
