#![doc = include_str!("../README.md")]

mod emitter;
mod fanout;
mod first_step;

pub use emitter::{Config, Counts, Emitter, Load, Overflow, Pending, Stored};
pub use fanout::{Child, ChildStatus, Fanout, Need};
