use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use crate::human::count;

/// A line on a terminal's standard error that says how far work has come, once it takes longer
/// than a moment. Wiped when dropped.
#[derive(Debug)]
pub(crate) struct Progress {
    doing: Option<&'static str>,
    began: Instant,
    told: Option<Instant>,
    width: usize,
}

impl Progress {
    /// For somebody who looks. Commands ask [`Output::progress`](crate::output::Output::progress).
    pub(crate) fn on_terminal(doing: &'static str) -> Self {
        Self {
            doing: Some(doing),
            ..Self::silent()
        }
    }

    /// For nobody.
    pub(crate) fn silent() -> Self {
        Self {
            doing: None,
            began: Instant::now(),
            told: None,
            width: 0,
        }
    }

    /// `done` are done, of so many where that is known. Cheap enough for every event.
    pub(crate) fn at(&mut self, done: u64, of: Option<u64>) {
        let Some(doing) = self.doing else {
            return;
        };
        let now = Instant::now();
        let running = now.duration_since(self.began);
        let is_fresh = self
            .told
            .is_some_and(|told| now.duration_since(told) < PAUSE);
        if running < MOMENT || is_fresh {
            return;
        }
        self.told = Some(now);
        self.show(&line(doing, done, of, running));
    }

    /// Takes the line away, so that something else can be said there.
    pub(crate) fn wipe(&mut self) {
        if self.width > 0 {
            self.show("");
            say("\r");
        }
    }

    /// Blanks cover what the line before was longer, so that any terminal can show it.
    fn show(&mut self, line: &str) {
        let width = line.chars().count();
        let rest = self.width.saturating_sub(width);
        say(&format!("\r{line}{:rest$}", ""));
        self.width = width;
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.wipe();
    }
}

fn line(doing: &str, done: u64, of: Option<u64>, running: Duration) -> String {
    let millis = u64::try_from(running.as_millis()).unwrap_or(u64::MAX);
    let rate = done.saturating_mul(1000) / millis.max(1);
    let done_in_words = count(done);
    let Some(of) = of.filter(|of| *of > 0) else {
        return format!("{doing} {done_in_words}  {}/s", count(rate));
    };
    let percent = u128::from(done.min(of)) * 100 / u128::from(of);
    let full = usize::try_from(percent).unwrap_or(0) * BAR / 100;
    let bar = format!("{}{}", "█".repeat(full), "░".repeat(BAR - full));
    let of = count(of);
    format!(
        "{doing} {done_in_words} of {of}  {bar}  {percent:>3}%  {}/s",
        count(rate)
    )
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
const BAR: usize = 20;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::line;

    #[test]
    fn a_line_tells_the_share_where_the_whole_is_known() {
        let told = |done, of| line("redriving", done, of, Duration::from_secs(2));
        assert_eq!(told(1200, None), "redriving 1,200  600/s");
        let half = told(1200, Some(2400));
        assert!(half.contains("1,200 of 2,400"), "{half}");
        assert!(half.contains(" 50%") && half.matches('█').count() == 10);
        let over = told(9, Some(3));
        assert!(over.contains("100%") && !over.contains('░'), "{over}");
        assert!(!told(0, Some(0)).contains('%'));
    }
}
