#![doc = include_str!("../README.md")]

mod api;
mod apply;
mod capture;
mod check;
mod diff;
mod error;
mod file;
mod finding;
pub mod history;
mod inspect;
mod live;
pub mod look;
mod name;
mod pattern;
mod plan;
mod policy;
mod purge;
mod setting;
mod spec;
mod text;
mod topology;

pub use apply::{Applied, apply};
pub use error::StreamsError;
pub use finding::{Code, Finding, Severity};
pub use inspect::{State, StreamReport, inspect};
pub use name::{BadStreamName, StreamName};
pub use plan::{Change, Plan, Step, plan};
pub use policy::Policy;
pub use purge::{Doomed, Part, Purge};
pub use setting::{Discard, Retention, Storage};
pub use spec::{Class, StreamSpec};
pub use topology::{Topology, TopologyError};
