use std::time::Duration;

use events_core::Backoff;

/// How long a lane waits after `failures` in a row to deliver a record of it, while the
/// destination takes others. The jitter is over the upper half, since coming back at once would be
/// rude.
pub(super) fn of_lane(failures: u32) -> Duration {
    LANE.wait(failures.saturating_sub(1), 0.5 + fastrand::f64() / 2.0)
}

/// How long the redriver waits for a destination that has not answered `failures` times in a row.
pub(super) fn of_destination(failures: u32) -> Duration {
    DESTINATION.wait(failures.saturating_sub(1), fastrand::f64())
}

const LANE: Backoff = Backoff {
    base: Duration::from_millis(100),
    max: Duration::from_secs(30),
};

const DESTINATION: Backoff = Backoff {
    max: Duration::from_millis(500),
    ..LANE
};

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{of_destination, of_lane};

    #[test]
    fn they_double_from_100_ms_and_end_at_the_longest() {
        for (failures, lane, destination) in [
            (1, 100, 100),
            (2, 200, 200),
            (4, 800, 500),
            (10, 30_000, 500),
            (u32::MAX, 30_000, 500),
        ] {
            for _ in 0..200 {
                let waits = Duration::from_millis(lane / 2)..=Duration::from_millis(lane);
                assert!(waits.contains(&of_lane(failures)));
                assert!(of_destination(failures) <= Duration::from_millis(destination));
            }
        }
    }
}
