//! The bus as hosts and subscribers see it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod attached;
mod chain;
mod handlers;
mod history;
mod kit;
mod lag;
#[cfg(feature = "nats")]
mod nats;
mod patterns;
mod record;
mod reference;
mod tool;
mod typed;
