#![doc = include_str!("../README.md")]

mod access;
mod app;
mod body;
mod config;
mod dlq;
mod events;
mod guard;
mod hosts;
mod in_flight;
mod ingest;
mod metrics;
mod ports;
mod probes;
mod problem;
mod record;
mod router;
mod server;
mod tail;
mod webhook;

pub use access::{InvalidToken, Keyring, Scope, Tenants, Token, Tokens, UnknownScope};
pub use config::{Config, Limits, Surface};
pub use dlq::{
    DlqArea, DlqEntry, DlqFailure, DlqPage, DlqPlace, DlqQuery, DlqReport, DlqSelection,
    DlqSummary, DlqTotals, NotAnEntry, UnknownArea,
};
pub use events::Wanted;
pub use ports::{
    Accepted, Answered, DeadLetters, Destination, DlqTrouble, Following, History, HistoryTrouble,
    Intake, Observer, Ports, Readiness, Status, Tail, TailItem,
};
pub use server::{BindError, Drained, Server};
