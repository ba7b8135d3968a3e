use events_core::ErrorKind;

use super::Need;

/// What became of an event, by the children's positions.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Verdict {
    /// It is `Ok`, with this child's outcome.
    Ok(usize),
    /// It failed, with this child's error.
    Failed(usize),
}

/// What one child has answered for an event.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Said {
    Nothing,
    Ok,
    Failed(ErrorKind),
}

/// The verdict over an event, once the children have said enough.
pub(super) fn verdict(children: &[(Need, Said)]) -> Option<Verdict> {
    let of = |need: Need| {
        let children = children.iter().enumerate();
        children.filter_map(move |(position, (theirs, said))| {
            (*theirs == need).then_some((position, *said))
        })
    };
    let open = |need| of(need).any(|(_, said)| said == Said::Nothing);
    if open(Need::Required) {
        return None;
    }
    if let Some(child) = failure(of(Need::Required)) {
        return Some(Verdict::Failed(child));
    }
    let required = of(Need::Required).map(|(child, _)| child).next();
    if of(Need::OneOf).next().is_none() {
        return required.map(Verdict::Ok);
    }
    if let Some((child, _)) = of(Need::OneOf).find(|(_, said)| *said == Said::Ok) {
        return Some(Verdict::Ok(required.unwrap_or(child)));
    }
    if open(Need::OneOf) {
        return None;
    }
    failure(of(Need::OneOf)).map(Verdict::Failed)
}

/// The first transient failure, else the first.
fn failure(children: impl Iterator<Item = (usize, Said)>) -> Option<usize> {
    let failed = children.filter_map(|(position, said)| match said {
        Said::Failed(kind) => Some((position, kind)),
        Said::Nothing | Said::Ok => None,
    });
    failed
        .min_by_key(|(position, kind)| (!kind.is_transient(), *position))
        .map(|(position, _)| position)
}

#[cfg(test)]
mod tests {
    use events_core::ErrorKind::{Rejected, Unavailable};

    use super::Need::{BestEffort, OneOf, Required};
    use super::Said::{Failed, Nothing, Ok};
    use super::{Need, Said, Verdict, verdict};

    fn of<const N: usize>(children: [(Need, Said); N]) -> Option<Verdict> {
        verdict(&children)
    }

    #[test]
    fn every_required_child_has_to_have_it() {
        assert_eq!(of([(Required, Ok), (Required, Nothing)]), None);
        assert_eq!(of([(Required, Ok), (Required, Ok)]), Some(Verdict::Ok(0)));
        let failed = of([(Required, Ok), (Required, Failed(Rejected))]);
        assert_eq!(failed, Some(Verdict::Failed(1)));
    }

    #[test]
    fn best_effort_children_decide_nothing() {
        let before = (BestEffort, Failed(Rejected));
        assert_eq!(of([before, (Required, Ok)]), Some(Verdict::Ok(1)));
        let unheard = (BestEffort, Nothing);
        assert_eq!(of([unheard, (OneOf, Ok)]), Some(Verdict::Ok(1)));
    }

    #[test]
    fn one_of_the_one_of_children_is_enough_and_needed() {
        let failed = (OneOf, Failed(Unavailable));
        assert_eq!(of([failed, (OneOf, Nothing)]), None);
        assert_eq!(of([(OneOf, Nothing), (OneOf, Ok)]), Some(Verdict::Ok(1)));
        assert_eq!(of([failed, failed]), Some(Verdict::Failed(0)));
        assert_eq!(of([failed, (Required, Ok)]), Some(Verdict::Failed(0)));
        assert_eq!(of([(OneOf, Ok), (Required, Nothing)]), None);
    }

    #[test]
    fn the_outcome_is_the_first_required_childs_else_the_first_one_ofs() {
        let all = [(OneOf, Ok), (Required, Ok), (Required, Ok)];
        assert_eq!(of(all), Some(Verdict::Ok(1)));
        assert_eq!(of([(OneOf, Ok), (OneOf, Ok)]), Some(Verdict::Ok(0)));
    }

    #[test]
    fn an_error_that_may_pass_comes_before_one_that_will_not() {
        for need in [Required, OneOf] {
            let children = [(need, Failed(Rejected)), (need, Failed(Unavailable))];
            assert_eq!(of(children), Some(Verdict::Failed(1)));
        }
        let children = [(Required, Failed(Rejected)), (OneOf, Failed(Unavailable))];
        assert_eq!(of(children), Some(Verdict::Failed(0)));
    }
}
