#![doc = include_str!("../README.md")]

mod config;
mod edit;
mod fields;
mod find;
mod in_force;
mod key_names;
mod live;
mod live_forms;
mod pass;
mod policy;
mod redactions;
mod redactor;
mod rules_file;
mod sink;
mod token_file;
mod token_key;

pub use config::{Builtin, Config, ConfigError, ConfigProblem};
pub use fields::Fields;
pub use live::{LiveSecrets, TooShort};
pub use redactions::Redactions;
pub use redactor::Redactor;
pub use sink::RedactSink;
pub use token_file::TokenKeyError;
pub use token_key::TokenKey;
