#![doc = include_str!("../README.md")]

mod app;
mod body;
mod config;
mod dlq;
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
pub use dlq::{
    DlqArea, DlqEntry, DlqFailure, DlqPage, DlqPlace, DlqQuery, DlqReport, DlqSelection,
    DlqSummary, DlqTotals, NotAnEntry, UnknownArea,
};
pub use ports::{
    Accepted, Answered, DeadLetters, DlqTrouble, Intake, Observer, Ports, Readiness, Status,
};
pub use server::{BindError, Drained, Server};
pub use token::{InvalidToken, Token};
