//! `consign` against a real broker.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../program/mod.rs"]
mod program;

mod bench;
mod breaking;
mod completing;
mod consumers;
mod daemon;
mod doctor;
mod ensure;
mod http;
mod journal;
mod leaderless;
mod publish;
mod purge;
mod reaching;
mod redrive;
mod replay;
mod resume;
mod rig;
mod running;
mod signed;
mod stalling;
mod status;
mod streams;
mod subscribe;
mod tail;
mod tampered;
mod terminal;
mod unread;
mod walk;
