//! `cargo xtask check`: what a change must pass before it is shown to anyone.

use anyhow::Result;

use crate::cargo::{cargo, run as run_command};
use crate::{lint, steps, test};

/// Lints, then runs the unit and documentation tests. Integration tests belong to `test`.
pub(crate) fn run() -> Result<()> {
    let unit_tests = || run_command(&mut test::runner().command(&["--lib", "--bins"]));
    let doc_tests = || run_command(&mut cargo(&["test", "--workspace", "--doc"]));
    let tests: [steps::Step<'_>; 2] = [("unit tests", &unit_tests), ("doc tests", &doc_tests)];
    steps::run_all(&[lint::STEPS, &tests].concat())
}
