#![doc = include_str!("../README.md")]

mod error;
#[cfg(any(test, feature = "faults"))]
pub mod faults;
mod fs;
mod home;
mod lock;
mod os;
mod stat;
mod trust;

pub use error::OpenError;
pub use fs::Fs;
pub use home::Home;
pub use os::OsFs;
pub use stat::{FileId, FileKind, Stat};
pub use trust::{check_file, make_dir};
