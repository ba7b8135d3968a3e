use std::time::Duration;

/// Waits with full jitter: anything between nothing and a bound that doubles.
#[derive(Clone, Copy, Debug)]
pub(super) struct Backoff {
    pub(super) base: Duration,
    pub(super) max: Duration,
}

impl Backoff {
    /// The wait after so many failures in a row. `share` is a random number from 0 to 1.
    pub(super) fn wait(self, failures: u32, share: f64) -> Duration {
        self.bound(failures).mul_f64(share.clamp(0.0, 1.0))
    }

    fn bound(self, failures: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(failures);
        self.base.saturating_mul(doubled).min(self.max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_doubles_up_to_the_most() {
        let backoff = Backoff {
            base: Duration::from_millis(100),
            max: Duration::from_secs(180),
        };
        let bound = |failures| backoff.wait(failures, 1.0).as_millis();
        assert_eq!([0, 1, 2, 3].map(bound), [100, 200, 400, 800]);
        assert_eq!([11, 40, u32::MAX].map(bound), [180_000; 3]);
    }

    #[test]
    fn the_wait_is_any_share_of_the_bound() {
        let backoff = Backoff {
            base: Duration::from_millis(100),
            max: Duration::from_secs(1),
        };
        assert_eq!(backoff.wait(5, 0.0), Duration::ZERO);
        assert_eq!(backoff.wait(2, 0.5), Duration::from_millis(200));
        let largest = Backoff {
            base: Duration::MAX,
            max: Duration::MAX,
        };
        assert_eq!(largest.wait(u32::MAX, 0.0), Duration::ZERO);
    }
}
