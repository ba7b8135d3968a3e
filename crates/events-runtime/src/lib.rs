#![doc = include_str!("../README.md")]

mod emitter;

pub use emitter::{Config, Emitter, Load, Overflow, Pending, Stored};
