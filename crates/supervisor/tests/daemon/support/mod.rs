//! A real daemon in a process of its own, a real broker, and the plainest HTTP client there is.

mod broker;
mod client;
mod daemon;
mod files;
mod load;
mod sqlite;
mod watch;
mod watcher;
mod wire;

pub(crate) use broker::{Broker, Stored, stored};
pub(crate) use client::{Answer, Client};
pub(crate) use daemon::{Daemon, ENSURE};
pub(crate) use files::{audited, journal, lines, segments};
pub(crate) use load::killed_under_load;
pub(crate) use sqlite::sqlite3;
pub(crate) use watch::{audited_stream, connected, counted, drained, post_batch, status, until};
pub(crate) use watcher::{Said, Watcher};
pub(crate) use wire::Wire;

/// A structured event with `data`.
pub(crate) fn event(id: &str, data: &str) -> String {
    format!(
        r#"{{"specversion":"1.0","id":"{id}","source":"/test","type":"test.made","data":{data}}}"#
    )
}
