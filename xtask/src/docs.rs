//! `cargo xtask docs`: the documentation of every crate of ours.

use anyhow::Result;

use crate::cargo::{cargo, run as run_command};

/// Builds the documentation; a broken link or a bad code block is an error.
pub(crate) fn run() -> Result<()> {
    let mut command = cargo(&["doc", "--workspace", "--no-deps"]);
    run_command(command.env("RUSTDOCFLAGS", "-D warnings"))
}
