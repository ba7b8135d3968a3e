//! `cargo xtask lint`: everything that reads the sources without running them.

use anyhow::Result;

use crate::cargo::{cargo, has_subcommand, run as run_command};
use crate::steps::{self, Step};
use crate::{docs, tidy};

/// The cheap steps first: format and tidy answer within a second.
pub(crate) const STEPS: &[Step<'static>] = &[
    ("format", &format),
    ("tidy", &tidy::run),
    ("clippy", &clippy),
    ("documentation", &docs::run),
    ("deny", &deny),
];

pub(crate) fn run() -> Result<()> {
    steps::run_all(STEPS)
}

fn format() -> Result<()> {
    run_command(&mut cargo(&["fmt", "--all", "--check"]))
}

// `-D warnings` goes to clippy alone: in RUSTFLAGS it would rebuild every dependency.
fn clippy() -> Result<()> {
    run_command(&mut cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))
}

fn deny() -> Result<()> {
    if !has_subcommand("deny") {
        eprintln!("cargo-deny is not installed, so licences, bans and advisories went unchecked");
        eprintln!("to install it: cargo install --locked cargo-deny@0.20.2");
        return Ok(());
    }
    run_command(&mut cargo(&["deny", "--workspace", "check"]))
}
