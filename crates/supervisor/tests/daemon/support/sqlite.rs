use std::path::Path;
use std::process::Command;

/// What the `sqlite3` program answers to a question.
pub(crate) fn sqlite3(file: &Path, sql: &str) -> String {
    let mut command = Command::new("sqlite3");
    let output = command.arg("-readonly").arg(file).arg(sql).output();
    let output = output.unwrap_or_else(|error| panic!("{error}: run `cargo xtask tools`"));
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout)
        .unwrap()
        .trim_end()
        .to_owned()
}
