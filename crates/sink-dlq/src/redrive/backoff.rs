use std::time::Duration;

/// How long to wait after so many failures in a row: doubling from 100 ms up to `longest`, with
/// jitter, so that many waiting at once do not come back at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backoff {
    longest: Duration,
}

impl Backoff {
    pub(crate) const fn up_to(longest: Duration) -> Self {
        Self { longest }
    }

    /// The wait after `failures` in a row, before jitter. At least 100 ms.
    pub(crate) fn bound(self, failures: u32) -> Duration {
        let doublings = failures.saturating_sub(1).min(20);
        FIRST.saturating_mul(1 << doublings).min(self.longest)
    }

    /// The wait with full jitter: evenly spread from nothing up to the bound.
    pub(crate) fn full_jitter(self, failures: u32) -> Duration {
        self.bound(failures).mul_f64(fastrand::f64())
    }

    /// The wait with jitter over its upper half, where coming back at once would be rude.
    pub(crate) fn half_jitter(self, failures: u32) -> Duration {
        self.bound(failures).mul_f64(0.5 + fastrand::f64() / 2.0)
    }
}

const FIRST: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Backoff;

    #[test]
    fn it_doubles_from_100_ms_and_ends_at_the_longest() {
        let backoff = Backoff::up_to(Duration::from_secs(30));
        let bounds = [1, 2, 3, 4].map(|failures| backoff.bound(failures).as_millis());
        assert_eq!(bounds, [100, 200, 400, 800]);
        for failures in [10, 40, u32::MAX] {
            assert_eq!(backoff.bound(failures), Duration::from_secs(30));
        }
    }

    #[test]
    fn jitter_stays_within_its_bounds() {
        let backoff = Backoff::up_to(Duration::from_millis(500));
        for failures in 0..200 {
            let bound = backoff.bound(failures);
            assert!(backoff.full_jitter(failures) <= bound);
            let half = backoff.half_jitter(failures);
            assert!(half <= bound && half >= bound / 2);
        }
    }
}
