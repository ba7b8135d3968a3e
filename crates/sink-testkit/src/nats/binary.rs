use std::error::Error;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{env, fmt, io};

/// There is no `nats-server` on this machine.
#[derive(Clone, Copy, Debug)]
pub struct MissingBinary;

impl MissingBinary {
    /// Whether it is why `error` came about.
    pub(super) fn is_behind(error: &io::Error) -> bool {
        error.get_ref().is_some_and(|inner| inner.is::<Self>())
    }
}

impl fmt::Display for MissingBinary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "no nats-server: run `cargo xtask tools`, put one on PATH or name it in NATS_SERVER",
        )
    }
}

impl Error for MissingBinary {}

/// The `nats-server` that tests run: what NATS_SERVER names, else what was fetched for the
/// workspace, else what is on PATH.
///
/// # Errors
/// There is none.
pub fn find() -> io::Result<PathBuf> {
    find_among(variable, FETCHED.as_ref())
}

/// Whether a test that cannot run has to fail.
pub(crate) fn is_ci() -> bool {
    variable("CI").is_some()
}

fn find_among(variable: impl Fn(&str) -> Option<OsString>, fetched: &Path) -> io::Result<PathBuf> {
    if let Some(named) = variable("NATS_SERVER") {
        return Ok(named.into());
    }
    let path = variable("PATH").unwrap_or_default();
    let on_path = env::split_paths(&path).map(|folder| folder.join("nats-server"));
    std::iter::once(fetched.to_owned())
        .chain(on_path)
        .find(|file| file.is_file())
        .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, MissingBinary))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the test kit has no settings; the tasks tell it where the tools are"
)]
fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

/// Where `cargo xtask tools` puts the server it fetches.
const FETCHED: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../target/tools/venv/bin/nats-server"
);

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::fs;
    use std::path::Path;

    use super::{MissingBinary, find_among};

    #[test]
    fn the_named_one_comes_first_then_the_fetched_then_the_path() {
        let folder = tempfile::tempdir().unwrap();
        let on_path = folder.path().join("nats-server");
        let fetched = folder.path().join("fetched");
        let path = |name: &str| (name == "PATH").then(|| folder.path().into());
        let missing = find_among(path, &fetched).unwrap_err();
        assert!(MissingBinary::is_behind(&missing));
        fs::write(&on_path, "").unwrap();
        assert_eq!(find_among(path, &fetched).unwrap(), on_path);
        fs::write(&fetched, "").unwrap();
        assert_eq!(find_among(path, &fetched).unwrap(), fetched);
        let named = |_: &str| Some(OsString::from("/named"));
        assert_eq!(find_among(named, &fetched).unwrap(), Path::new("/named"));
    }
}
