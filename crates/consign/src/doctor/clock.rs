use chrono::{DateTime, TimeDelta, Utc};

use super::check::Check;

/// Judges this clock by the broker's, which was read at some moment between the two of ours.
pub(super) fn check(before: DateTime<Utc>, told: DateTime<Utc>, after: DateTime<Utc>) -> Check {
    let what = "clock";
    // What the way there and back explains is no difference.
    let (difference, ahead) = if told < before {
        (before - told, "ahead of")
    } else if told > after {
        (told - after, "behind")
    } else {
        (TimeDelta::zero(), "with")
    };
    let millis = difference.num_milliseconds();
    if millis == 0 {
        return Check::ok(what, "goes with the broker's");
    }
    let said = format!("{millis} ms {ahead} the broker's");
    if difference > BEARABLE {
        Check::warn(what, said)
            .try_next("set both by NTP: times of events and of --since go by different clocks")
    } else {
        Check::ok(what, said)
    }
}

const BEARABLE: TimeDelta = TimeDelta::seconds(2);

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};

    use super::check;
    use crate::doctor::check::Verdict;

    #[test]
    fn only_what_the_way_does_not_explain_counts() {
        let now: DateTime<Utc> = "2026-11-20T12:00:00Z".parse().unwrap();
        let at = |millis| now + TimeDelta::milliseconds(millis);
        for (told, after, verdict, said) in [
            (500, 1_000, Verdict::Ok, "goes with"),
            (-1_500, 10, Verdict::Ok, "1500 ms ahead of"),
            (-2_001, 10, Verdict::Warn, "2001 ms ahead of"),
            (9_000, 5_000, Verdict::Warn, "4000 ms behind"),
            // A slow answer explains it.
            (9_000, 10_000, Verdict::Ok, "goes with"),
        ] {
            let check = check(now, at(told), at(after));
            assert_eq!(check.verdict, verdict, "{told}");
            assert!(check.detail.starts_with(said), "{}", check.detail);
        }
    }
}
