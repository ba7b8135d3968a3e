use std::path::{Path, PathBuf};

use super::error::ConnectError;
use super::options::ConnectOptions;

/// A context of the `nats` command: a named way to reach a broker, kept as a file.
#[derive(Debug)]
pub struct Context {
    #[expect(dead_code, reason = "to come")]
    options: ConnectOptions,
}

/// Why a context cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ContextError {
    /// What it says makes no options.
    #[error("use the context {}", path.display())]
    Options {
        /// The context's file.
        path: PathBuf,
        /// Why not.
        source: ConnectError,
    },
}

impl Context {
    /// The directory of contexts under a configuration directory (`$XDG_CONFIG_HOME`, else
    /// `~/.config`).
    #[must_use]
    pub fn directory(config_home: &Path) -> PathBuf {
        config_home.join("nats").join("context")
    }
}
