//! `cargo xtask test`: every test of the workspace, on a machine with nothing but Rust.

use std::process::Command;

use anyhow::Result;

use crate::cargo::{cargo, has_subcommand, run as run_command};
use crate::steps;
use crate::tools::Tools;
use crate::workspace::Workspace;

/// Finds or fetches the tools, then runs unit, integration and documentation tests.
///
/// Programs under `examples/` are built here and run by tests of their own crate. A tool that is
/// missing is named, and the tests go on: those that need it skip with a reason, or fail under CI.
pub(crate) fn run() -> Result<()> {
    let tools = Tools::provide(&Workspace::load()?)?;
    print!("{tools}");
    match runner() {
        // The summary of the main run comes last, where one looks for it.
        Runner::Nextest => {
            let doc_tests = || run_command(tools.export(&mut cargo(&DOC_TESTS)));
            let tests = || run_command(tools.export(&mut Runner::Nextest.command(&[])));
            steps::run_all(&[("doc tests", &doc_tests), ("tests", &tests)])
        }
        // Plain `cargo test` runs the documentation tests itself.
        Runner::Cargo => run_command(tools.export(&mut Runner::Cargo.command(&[]))),
    }
}

/// What runs the tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Runner {
    /// cargo-nextest, a process per test.
    Nextest,
    /// `cargo test`, which comes with Rust.
    Cargo,
}

/// cargo-nextest where it is installed, else `cargo test`.
pub(crate) fn runner() -> Runner {
    if has_subcommand("nextest") {
        Runner::Nextest
    } else {
        Runner::Cargo
    }
}

impl Runner {
    /// A run over the whole workspace that goes on after a failed test.
    pub(crate) fn command(self, selection: &[&str]) -> Command {
        let run: &[&str] = match self {
            Self::Nextest => &["nextest", "run", "--workspace", "--no-fail-fast"],
            Self::Cargo => &["test", "--workspace", "--no-fail-fast"],
        };
        cargo(&[run, selection].concat())
    }
}

const DOC_TESTS: [&str; 4] = ["test", "--workspace", "--doc", "--no-fail-fast"];
