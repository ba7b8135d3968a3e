#![doc = include_str!("../README.md")]

mod level;
mod line;
mod sink;
mod site;

pub use sink::LogSink;
