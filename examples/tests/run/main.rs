//! Runs each example as a process and checks what it prints and leaves behind. Cargo builds the
//! examples of a package for its tests.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bus;
mod chain;
mod support;
