use std::io;
use std::path::PathBuf;

use super::error::ConnectError;

/// Why a context cannot be used. No value of its file is in the texts.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ContextError {
    /// The name would lead out of the directory.
    #[error("find a context: its name must be that of a file")]
    Name,
    /// The file cannot be read.
    #[error("read {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The file is not a context.
    #[error("read {}: line {line}, column {column} is not as in a context", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// The context asks for something that is not done here.
    #[error("use the context {}: its `{field}` is not supported", path.display())]
    Unsupported {
        /// The context's file.
        path: PathBuf,
        /// The field.
        field: &'static str,
    },
    /// What it says makes no options.
    #[error("use the context {}", path.display())]
    Options {
        /// The context's file.
        path: PathBuf,
        /// Why not.
        source: ConnectError,
    },
}
