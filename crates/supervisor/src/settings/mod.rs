//! The settings: one table that declares each of them, and what follows from it.
//!
//! The table ([`Settings`] and its sections) drives parsing, `config show` and `config explain`,
//! the example file, the schema of the TOML file and the reference page. A value is taken from
//! the strongest source that has one: the flags of an operator's tool, `CONSIGN_*` variables, then the ecosystem's names
//! (`NATS_URL`), then those of earlier systems, then the TOML file that `CONSIGN_CONFIG` names,
//! then the default. Every mistake is reported, and all of them at once.

mod checks;
mod flags;
mod layers;
mod load;
mod names;
mod origin;
mod problem;
mod reader;
mod render;
mod report;
mod root;
mod row;
mod section;
mod sections;
mod suggest;
mod toml_file;
mod values;

#[cfg(test)]
mod tests;

pub use flags::Flags;
pub use names::names;
pub use origin::Origin;
pub use problem::{Problem, Problems};
pub use render::{UnknownSetting, example, reference, schema};
pub use report::Report;
pub use root::{Profile, Settings};
pub(crate) use sections::SERVICE_ACCOUNT;
pub use sections::{
    Console, ConsoleMode, Dlq, DlqMode, Fsync, HealthEvery, Http, Journal, Kubernetes,
    KubernetesApi, KubernetesEvents, Log, LogFormat, MessageMode, Nats, Node, NodeName,
    OnConnectFail, ReadyRequires, Reconnects, Redact, RedactMode, Redrive, Router, Sign, SignMode,
    Store, Streams, StreamsMode, Tls, Verify, VerifyMode, VerifyPolicy, WhenFull,
};
pub use values::{
    Bytes, ExtensionNames, FieldNames, LogFilter, PrivateFile, ReadableFile, RouteTexts, Secret,
    ServerUrl, ServerUrls, SinkChoice, SinkEntry, SinkKind, SinkNeed, Template, Token, TokensFile,
};
