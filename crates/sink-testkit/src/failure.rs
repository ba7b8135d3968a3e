use std::error::Error;
use std::fmt;

/// Why a check failed, in words for a human.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Failure(String);

/// The checks of a suite that failed, by name, each with its reason. Never empty.
///
/// Debug prints what Display prints, so that `unwrap` on a suite's result reads well.
#[derive(Clone, Eq, PartialEq)]
pub struct Failures(Vec<(&'static str, Failure)>);

impl Failure {
    /// A failure for the reason given.
    pub fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Failure {}

impl Failures {
    /// `Err` with all that `found` holds, `Ok` where it holds nothing.
    pub(crate) fn none_in(found: Vec<(&'static str, Failure)>) -> Result<(), Self> {
        if found.is_empty() {
            Ok(())
        } else {
            Err(Self(found))
        }
    }

    /// The names of the checks that failed, in the order they ran.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|(name, _)| *name).collect()
    }
}

impl fmt::Display for Failures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "failed checks:")?;
        self.0
            .iter()
            .try_for_each(|(name, why)| write!(f, "\n  {name}: {why}"))
    }
}

impl fmt::Debug for Failures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Error for Failures {}

/// Fails with `why` unless `holds`.
pub(crate) fn ensure(holds: bool, why: impl FnOnce() -> String) -> Result<(), Failure> {
    if holds {
        Ok(())
    } else {
        Err(Failure::new(why()))
    }
}
