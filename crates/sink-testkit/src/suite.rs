use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt as _;
use tokio::time::timeout;

use crate::{Failure, Failures};

/// Runs checks one after another and collects those that fail, so that one run tells everything.
#[derive(Debug, Default)]
pub(crate) struct Suite(Vec<(&'static str, Failure)>);

impl Suite {
    /// A check that panics or never ends has failed too.
    pub(crate) async fn run(
        &mut self,
        name: &'static str,
        check: impl Future<Output = Result<(), Failure>>,
    ) {
        let check = timeout(PATIENCE, AssertUnwindSafe(Box::pin(check)).catch_unwind());
        let verdict = match check.await {
            Ok(Ok(verdict)) => verdict,
            Ok(Err(_panic)) => Err(Failure::new("panicked")),
            Err(_elapsed) => Err(Failure::new(format!("did not end within {PATIENCE:?}"))),
        };
        self.0.extend(verdict.err().map(|failure| (name, failure)));
    }

    pub(crate) fn verdict(self) -> Result<(), Failures> {
        Failures::none_in(self.0)
    }
}

/// Longer than any honest check takes on a slow machine.
const PATIENCE: Duration = Duration::from_secs(30);
