//! `consign dlq` and `consign status` against a supervisor's HTTP side with a spool in memory, and
//! against a spool's directory.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../program/mod.rs"]
mod program;

mod directory;
mod discard;
mod doctor;
mod host;
mod list;
mod redrive;
mod status;
mod trouble;
