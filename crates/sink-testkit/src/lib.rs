#![doc = include_str!("../README.md")]

pub mod canary;
mod failure;
mod flaky;
pub mod kubernetes;
pub mod leaf;
mod log;
pub mod nats;
mod port;
pub mod postgres;
mod probe;
mod sample;
mod suite;
pub mod wrapper;

pub use failure::{Failure, Failures};
pub use flaky::{FlakySink, Step};
pub use log::Log;
pub use probe::ProbeSink;
pub use sample::{event, sealed};
