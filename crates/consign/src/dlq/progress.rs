use std::io::{self, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use crate::human::count;

/// A line on a terminal's standard error that says how far work has come, once it takes longer
/// than a moment. Wiped when dropped.
#[derive(Debug)]
pub(super) struct Progress {
    doing: &'static str,
    began: Instant,
    told: Option<Instant>,
    on: bool,
}

impl Progress {
    pub(super) fn new(doing: &'static str) -> Self {
        Self {
            doing,
            began: Instant::now(),
            told: None,
            on: io::stderr().is_terminal(),
        }
    }

    /// `done` are done, of so many where that is known.
    pub(super) fn at(&mut self, done: u64, of: Option<u64>) {
        let now = Instant::now();
        let running = now.duration_since(self.began);
        let fresh = self
            .told
            .is_some_and(|told| now.duration_since(told) < PAUSE);
        if !self.on || running < MOMENT || fresh {
            return;
        }
        self.told = Some(now);
        let of = of.map_or_else(String::new, |of| format!(" of {}", count(of)));
        let rate = done * 1000 / u64::try_from(running.as_millis()).unwrap_or(1).max(1);
        let line = format!(
            "\r\x1b[K{} {}{of}  {}/s",
            self.doing,
            count(done),
            count(rate)
        );
        say(&line);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.told.is_some() {
            say("\r\x1b[K");
        }
    }
}

/// There is nowhere to say that it could not be said.
fn say(text: &str) {
    let mut stderr = io::stderr().lock();
    let _unsaid = stderr
        .write_all(text.as_bytes())
        .and_then(|()| stderr.flush());
}

const MOMENT: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(200);
