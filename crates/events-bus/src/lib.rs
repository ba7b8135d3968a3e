#![doc = include_str!("../README.md")]

mod bus;
mod counts;
mod feed;
mod handler;
mod history;
mod inbox;
mod index;
mod item;
mod lifecycle;
mod publish;
mod queue;
mod record;
mod sink;
mod subscription;
mod tool;

pub use bus::Bus;
pub use counts::Counts;
pub use feed::{Fed, Feed, MemoryFeed};
#[cfg(feature = "nats")]
pub use feed::{NatsDrops, NatsFeed};
pub use handler::Handling;
pub use history::{History, Past};
pub use item::{Heard, Item};
pub use lifecycle::{
    AuditRecorded, AuditVerified, EmbedFailed, EmbedRequested, EmbedResult, Health, Lifecycle,
    McpAnnounced, McpDeregistered, McpHeartbeat, NodeHealth, NodeJoined, NodeLeft, Origin, RunDone,
    RunFailed, RunStarted, StepDone, StepFailed, StepStarted, ToolConfigured, ToolCrashed,
    ToolInstalled, ToolRemoved, ToolStarted, ToolStopped,
};
pub use queue::{Lag, Queue};
pub use record::{Attrs, Record, RecordOutcome, Severity};
pub use subscription::{Received, Subscription};
pub use tool::{Tool, ToolRun};
