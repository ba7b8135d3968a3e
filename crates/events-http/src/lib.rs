#![doc = include_str!("../README.md")]

mod app;
mod body;
mod config;
mod guard;
mod hosts;
mod in_flight;
mod ingest;
mod ports;
mod probes;
mod problem;
mod record;
mod router;
mod server;
mod token;
mod webhook;

pub use config::{Config, Limits, Surface};
pub use ports::{Accepted, Answered, Intake, Observer, Ports, Readiness, Status};
pub use server::{BindError, Drained, Server};
pub use token::{InvalidToken, Token};
