//! A task made of steps, each of which runs whatever became of those before it.

use anyhow::{Result, bail};

/// One step: its name, and what it does.
pub(crate) type Step<'a> = (&'a str, &'a dyn Fn() -> Result<()>);

/// Runs every step, so that one run shows everything there is to mend.
///
/// # Errors
///
/// Names the steps that failed, each failure having been printed where it happened.
pub(crate) fn run_all(steps: &[Step<'_>]) -> Result<()> {
    let mut failed = Vec::new();
    for (name, step) in steps {
        eprintln!("==== {name}");
        if let Err(error) = step() {
            eprintln!("error: {error:#}");
            failed.push(*name);
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    bail!("failed: {}", failed.join(", "))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use anyhow::bail;

    use super::run_all;

    #[test]
    fn later_steps_run_after_a_failure_and_every_failure_is_named() {
        let ran = Cell::new(0);
        let good = || {
            ran.set(ran.get() + 1);
            Ok(())
        };
        let bad = || bail!("no");
        let error = run_all(&[("a", &bad), ("b", &good), ("c", &bad)]).unwrap_err();
        assert_eq!(error.to_string(), "failed: a, c");
        assert_eq!(ran.get(), 1);
    }
}
