//! The sections of the table, one idea each.

mod console;
mod dlq;
mod http;
mod journal;
mod kubernetes;
mod log;
mod nats;
mod node;
mod redact;
mod router;
mod sign;
mod store;
mod streams;
mod verify;

pub use console::{Console, ConsoleMode};
pub use dlq::{Dlq, DlqMode, Fsync, Redrive, WhenFull};
pub use http::{Http, ReadyRequires};
pub use journal::Journal;
pub(crate) use kubernetes::SERVICE_ACCOUNT;
pub use kubernetes::{Kubernetes, KubernetesApi, KubernetesEvents};
pub use log::{Log, LogFormat};
pub use nats::{MessageMode, Nats, OnConnectFail, Reconnects, Tls};
pub use node::{HealthEvery, Node, NodeName};
pub use redact::{Redact, RedactMode};
pub use router::Router;
pub use sign::{Sign, SignMode};
pub use store::Store;
pub use streams::{Streams, StreamsMode};
pub use verify::{Verify, VerifyMode, VerifyPolicy};
