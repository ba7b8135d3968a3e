//! What the tests of the examples share.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sink_jsonl::read;
use sink_sign::PublicKeys;
use tempfile::TempDir;

/// What an example prints when all goes well, as it must.
pub(crate) fn example(name: &str, arguments: &[&Path]) -> String {
    let test = std::env::current_exe().unwrap();
    let build = test.parent().and_then(Path::parent).unwrap();
    let program: PathBuf = build.join("examples").join(name);
    assert!(
        program.exists(),
        "run `cargo build -p consign-examples --examples` first"
    );
    let output = Command::new(program).args(arguments).output().unwrap();
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{name}: {}, {complaints}",
        output.status
    );
    assert_eq!(complaints, "", "{name}");
    String::from_utf8(output.stdout).unwrap()
}

pub(crate) fn keys(directory: &Path) -> PublicKeys {
    let text = fs::read_to_string(directory.join("public.jwks.json")).unwrap();
    PublicKeys::parse(&text).unwrap()
}

/// The lines of the journal in `home`.
pub(crate) fn records(home: &TempDir) -> Vec<String> {
    let segments = read::segments(&home.path().join("journal")).unwrap();
    let text = |record: read::Record| String::from_utf8(record.line.to_vec()).unwrap();
    read::Records::new(segments)
        .map(|record| text(record.unwrap()))
        .collect()
}

/// Whether a tool runs that may be missing on a developer's machine, and never under CI.
#[expect(clippy::print_stdout, reason = "a skipped test says so")]
pub(crate) fn runs(program: &OsStr, arguments: &[&str]) -> bool {
    let output = Command::new(program).args(arguments).output();
    let found = output.is_ok_and(|output| output.status.success());
    let no_ci = ["", "0", "false"].map(OsStr::new);
    let is_ci = environment("CI").is_some_and(|value| !no_ci.contains(&value.as_os_str()));
    assert!(found || !is_ci, "{program:?} {arguments:?} must run here");
    if !found {
        println!("skipped: {program:?} {arguments:?} does not run here");
    }
    found
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests learn from the environment where they run"
)]
pub(crate) fn environment(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}
