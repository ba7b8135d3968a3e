use std::time::{Duration, Instant};

/// Lets one word through in a minute. Pure: fed with instants.
#[derive(Debug, Default)]
pub(crate) struct Quiet {
    last: Option<Instant>,
}

impl Quiet {
    /// Whether to speak now.
    pub(crate) fn speaks(&mut self, now: Instant) -> bool {
        let speaks = match self.last {
            None => true,
            Some(last) => now.saturating_duration_since(last) >= PAUSE,
        };
        if speaks {
            self.last = Some(now);
        }
        speaks
    }
}

const PAUSE: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Quiet;

    #[test]
    fn once_a_minute() {
        let start = Instant::now();
        let mut quiet = Quiet::default();
        let speaks = [0, 0, 59, 60, 61, 119, 120, 500];
        let speaks = speaks.map(|seconds| quiet.speaks(start + Duration::from_secs(seconds)));
        assert_eq!(speaks, [true, false, false, true, false, false, true, true]);
    }
}
