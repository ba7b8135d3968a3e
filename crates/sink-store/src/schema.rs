//! What both databases' tables have in common.

/// A step from one version of the tables to the next.
pub(crate) struct Step {
    /// The version it leads to. Steps are never changed once published, and there is none back.
    pub(crate) version: i64,
    pub(crate) sql: &'static str,
}

/// The steps from `found` on, or `None` where that is newer than all of them.
pub(crate) fn missing(steps: &'static [Step], found: i64) -> Option<&'static [Step]> {
    let known = newest(steps);
    if found > known {
        return None;
    }
    let done = steps.iter().take_while(|step| step.version <= found);
    steps.get(done.count()..)
}

/// The version that the last step leads to.
pub(crate) fn newest(steps: &[Step]) -> i64 {
    steps.last().map_or(0, |step| step.version)
}

#[cfg(test)]
mod tests {
    use super::{Step, missing};

    static STEPS: [Step; 2] = [
        Step {
            version: 1,
            sql: "a",
        },
        Step {
            version: 2,
            sql: "b",
        },
    ];

    #[test]
    fn steps_lead_forward_alone() {
        let left = |found| {
            missing(&STEPS, found)
                .map(|steps| steps.iter().map(|step| step.sql).collect::<String>())
        };
        assert_eq!(left(0).unwrap(), "ab");
        assert_eq!(left(1).unwrap(), "b");
        assert_eq!(left(2).unwrap(), "");
        assert_eq!(left(3), None);
    }
}
