//! Finding secrets in a text as it stands; what is encoded in it is decoded elsewhere.

mod anchored;
mod assigned;
mod assignment;
pub(crate) mod base64;
mod curl;
mod custom;
mod entropy;
mod finder;
mod gate;
mod long_run;
mod placeholder;
mod rule;
mod userinfo;
mod vendor;
mod vendors;

pub(crate) use custom::CustomRule;
pub(crate) use finder::{Finder, FinderConfig};
pub(crate) use placeholder::{is_placeholder, is_replacement};
pub(crate) use vendors::builtin_rules;
