//! A real daemon in a process of its own, and the plainest HTTP client there is.

mod client;
mod daemon;
mod files;

pub(crate) use client::{Answer, Client};
pub(crate) use daemon::Daemon;
pub(crate) use files::{audited, journal, lines, segments};

/// A structured event with `data`.
pub(crate) fn event(id: &str, data: &str) -> String {
    format!(
        r#"{{"specversion":"1.0","id":"{id}","source":"/test","type":"test.made","data":{data}}}"#
    )
}
