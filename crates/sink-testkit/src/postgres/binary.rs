use std::error::Error;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{env, fmt, fs, io};

/// There is no PostgreSQL server on this machine.
#[derive(Clone, Copy, Debug)]
pub struct MissingPostgres;

impl MissingPostgres {
    /// Whether it is why `error` came about.
    pub(super) fn is_behind(error: &io::Error) -> bool {
        error.get_ref().is_some_and(|inner| inner.is::<Self>())
    }
}

impl fmt::Display for MissingPostgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "no PostgreSQL server: run `cargo xtask tools`, \
             or name the folder that holds initdb and postgres in POSTGRES_BIN",
        )
    }
}

impl Error for MissingPostgres {}

/// The folder of the server's programs: what POSTGRES_BIN names, else that of the newest version
/// where Debian puts them, else the first on PATH that holds them.
///
/// # Errors
/// There is none.
pub fn find() -> io::Result<PathBuf> {
    find_among(variable, DEBIAN.as_ref())
}

fn find_among(variable: impl Fn(&str) -> Option<OsString>, debian: &Path) -> io::Result<PathBuf> {
    if let Some(named) = variable("POSTGRES_BIN") {
        return Ok(named.into());
    }
    let versions = fs::read_dir(debian).into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    versions.sort_unstable_by(|one, other| other.cmp(one));
    let path = variable("PATH").unwrap_or_default();
    versions
        .into_iter()
        .map(|(_, folder)| folder)
        .chain(env::split_paths(&path))
        .find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
        .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, MissingPostgres))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the test kit has no settings; the tasks tell it where the tools are"
)]
fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

const DEBIAN: &str = "/usr/lib/postgresql";

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::fs;
    use std::path::Path;

    use super::{MissingPostgres, find_among};

    #[test]
    fn the_named_folder_comes_first_then_the_newest_version_then_the_path() {
        let folder = tempfile::tempdir().unwrap();
        let on_path = folder.path().join("programs");
        let debian = folder.path().join("debian");
        let path = |name: &str| (name == "PATH").then(|| on_path.clone().into());
        let missing = find_among(path, &debian).unwrap_err();
        assert!(MissingPostgres::is_behind(&missing));
        let install = |folder: &Path| {
            fs::create_dir_all(folder).unwrap();
            fs::write(folder.join("initdb"), "").unwrap();
            fs::write(folder.join("postgres"), "").unwrap();
        };
        install(&on_path);
        assert_eq!(find_among(path, &debian).unwrap(), on_path);
        for version in ["9", "15", "17", "common"] {
            install(&debian.join(version).join("bin"));
        }
        assert_eq!(find_among(path, &debian).unwrap(), debian.join("17/bin"));
        let named = |_: &str| Some(OsString::from("/named"));
        assert_eq!(find_among(named, &debian).unwrap(), Path::new("/named"));
    }
}
