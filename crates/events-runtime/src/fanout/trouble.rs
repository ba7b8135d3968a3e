use std::time::Duration;

use tokio::time::Instant;

/// Whether a child is in trouble, and when that was said last.
#[derive(Debug, Default)]
pub(super) struct Trouble(Option<Instant>);

impl Trouble {
    /// Notes how an answer was, and says whether to tell of it: where trouble begins, now and then
    /// while it lasts, and where it ends.
    pub(super) fn note(&mut self, missed: bool, now: Instant) -> bool {
        let tell = match (self.0, missed) {
            (None, missed) => missed,
            (Some(_), false) => true,
            (Some(said), true) => now.duration_since(said) >= BETWEEN,
        };
        if tell {
            self.0 = missed.then_some(now);
        }
        tell
    }
}

const BETWEEN: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::Trouble;

    #[test]
    fn trouble_is_told_where_it_begins_now_and_then_and_where_it_ends() {
        let begin = Instant::now();
        let mut trouble = Trouble::default();
        let answers = [
            (0, false, false),
            (1, true, true),
            (2, true, false),
            (10, true, false),
            (11, true, true),
            (12, true, false),
            (13, false, true),
            (14, false, false),
            (15, true, true),
        ];
        for (seconds, missed, told) in answers {
            let now = begin + Duration::from_secs(seconds);
            assert_eq!(trouble.note(missed, now), told, "{seconds}");
        }
    }
}
