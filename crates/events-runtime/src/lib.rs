#![doc = include_str!("../README.md")]

mod emitter;
mod first_step;

pub use emitter::{Config, Counts, Emitter, Load, Overflow, Pending, Stored};
