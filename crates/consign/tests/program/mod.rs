//! The program that the tests run, and what it said.

use std::path::Path;
use std::process::{Command, Output, Stdio};

/// `consign` that knows of nothing but its arguments.
pub(crate) fn bare(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_consign"));
    command
        .env_clear()
        .current_dir(Path::new("/"))
        .args(arguments)
        .stdin(Stdio::null());
    command
}

pub(crate) fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// What a successful run printed.
pub(crate) fn ok(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    out(output)
}
