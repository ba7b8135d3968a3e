//! What all commands have in common, and the small ones.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod context;
mod ending;
mod output;
mod run;
mod small;
