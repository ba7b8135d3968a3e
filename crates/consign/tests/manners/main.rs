//! What all commands have in common, and the small ones.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../program/mod.rs"]
mod program;

mod context;
mod ending;
mod output;
mod run;
mod small;
