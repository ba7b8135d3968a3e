//! Delivering what is in the spool.

mod agenda;
mod ahead;
mod attempt;
mod backoff;
mod by_hand;
mod call;
mod declare;
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
use crate::Redrive;
use crate::core::Core;

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

/// Redrives, and says beside it what no stream is to be expected to have.
async fn work(core: Arc<Core>) {
    let mut closing = core.closing.subscribe();
    let declare = async {
        tokio::select! {
            biased;
            _ = closing.wait_for(|closing| *closing) => {}
            () = core.declare_kept() => {}
        }
    };
    tokio::join!(declare, redrive(&core));
}

async fn redrive(core: &Core) {
    if core.config.redrive == Redrive::Manual {
        return;
    }
    let mut closing = core.closing.subscribe();
    while !core.is_closing() {
        // Not dropped in the middle: what the destination took is noted.
        let next = core.redriver.lock().await.step(core).await;
        if matches!(next, Next::Never) {
            return;
        }
        tokio::select! {
            biased;
            _ = closing.wait_for(|closing| *closing) => {}
            () = pause(core, next) => {}
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

const AFTER_PANIC: Duration = Duration::from_secs(1);
