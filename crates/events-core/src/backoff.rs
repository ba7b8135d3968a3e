use std::time::Duration;

/// Waits that double, with full jitter: anything between nothing and the bound, so that clients
/// which lost the same broker do not come back all at once.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Backoff {
    /// The bound of the first wait.
    pub base: Duration,
    /// The bound of any wait.
    pub max: Duration,
}

impl Backoff {
    /// The longest wait after the failure number `attempt`, counted from 0. Never overflows.
    #[must_use]
    pub fn bound(self, attempt: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(attempt);
        self.base.saturating_mul(doubled).min(self.max)
    }

    /// The wait after the failure number `attempt`. `share` is a random number from 0 to 1.
    #[must_use]
    pub fn wait(self, attempt: u32, share: f64) -> Duration {
        self.bound(attempt).mul_f64(share.clamp(0.0, 1.0))
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            base: Duration::from_millis(100),
            max: Duration::from_secs(180),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Backoff;

    #[test]
    fn the_bound_doubles_from_the_first_failure_on_up_to_three_minutes() {
        let bounds = [0, 1, 2, 10, 11, 31, 32, u32::MAX].map(|n| Backoff::default().bound(n));
        let expected = [100, 200, 400, 102_400, 180_000, 180_000, 180_000, 180_000];
        assert_eq!(bounds, expected.map(Duration::from_millis));
    }

    #[test]
    fn the_wait_is_a_share_of_the_bound_and_never_more() {
        let backoff = Backoff::default();
        assert_eq!(backoff.wait(3, 0.0), Duration::ZERO);
        assert_eq!(backoff.wait(3, 0.5), Duration::from_millis(400));
        assert_eq!(backoff.wait(3, 7.0), Duration::from_millis(800));
    }

    #[test]
    fn the_largest_durations_do_not_overflow() {
        let backoff = Backoff {
            base: Duration::MAX,
            max: Duration::from_secs(1),
        };
        assert_eq!(backoff.bound(u32::MAX), Duration::from_secs(1));
    }
}
