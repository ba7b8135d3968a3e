//! Programs that the system's package manager provides.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::cargo::run;
use crate::environment::{is_ci, variable};
use crate::tools::Tool;
use crate::tools::program::{Program, on_path, output};

/// The independent judge of raw signatures.
pub(crate) fn openssl() -> Tool {
    let found = find("openssl", &["version"]);
    Tool {
        name: "openssl",
        found,
        advice: "Debian: `apt-get install openssl`",
    }
}

/// The independent reader of the SQLite store.
pub(crate) fn sqlite() -> Tool {
    let found = find("sqlite3", &["--version"]);
    Tool {
        name: "sqlite3",
        found,
        advice: "Debian: `apt-get install sqlite3`",
    }
}

/// The independent reader of Kubernetes Events.
pub(crate) fn kubectl() -> Tool {
    let found = find("kubectl", &["version", "--client"]);
    Tool {
        name: "kubectl",
        found,
        advice: "Debian: `apt-get install kubernetes-client`",
    }
}

/// The server of the PostgreSQL store. Tests look for it in the same places.
pub(crate) fn postgres() -> Tool {
    let found = postgres_folder()
        .context("not on PATH, nor where Debian puts it")
        .and_then(|folder| {
            let path = folder.join("postgres");
            let version = version_in(&output(&path, &["--version"])?);
            Ok(Program { path, version })
        });
    Tool {
        name: "postgres",
        found,
        advice: "Debian: `apt-get install postgresql`; or name its folder in POSTGRES_BIN",
    }
}

/// The folder of initdb: Debian keeps it, by version, off `PATH`.
fn postgres_folder() -> Option<PathBuf> {
    if let Some(named) = variable("POSTGRES_BIN") {
        return Some(named.into());
    }
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let version = |name: &OsStr| name.to_str()?.parse().ok();
    let mut folders: Vec<(u32, PathBuf)> = versions
        .flatten()
        .filter_map(|entry| Some((version(&entry.file_name())?, entry.path().join("bin"))))
        .filter(|(_, folder)| folder.join("initdb").is_file())
        .collect();
    folders.sort_unstable();
    let on_path = || Some(on_path("initdb")?.parent()?.to_owned());
    folders.pop().map(|(_, folder)| folder).or_else(on_path)
}

/// On a Debian machine that continuous integration gave us to use as we like, installs what is
/// missing. Elsewhere nothing is installed; the line to type is printed.
///
/// A failure shows when the programs are looked for.
pub(crate) fn install_missing_packages() {
    let missing = missing_packages();
    let Some(apt) = on_path("apt-get").filter(|_| !missing.is_empty()) else {
        return;
    };
    if !(is_ci() && is_root()) {
        eprintln!(
            "some programs are missing: apt-get install {}",
            missing.join(" ")
        );
        return;
    }
    let ask = |arguments: &[&str]| {
        let mut command = Command::new(&apt);
        command
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive");
        if let Err(error) = run(command.stdout(std::io::stderr())) {
            eprintln!("error: {error:#}");
        }
    };
    ask(&["update", "-q"]);
    // One by one: where one is not to be had, the others still are.
    for package in missing {
        ask(&["install", "-q", "-y", "--no-install-recommends", package]);
    }
}

fn missing_packages() -> Vec<&'static str> {
    let needed = [
        ("openssl", on_path("openssl").is_some()),
        ("python3-venv", makes_venvs()),
        ("sqlite3", on_path("sqlite3").is_some()),
        ("postgresql", postgres_folder().is_some()),
        ("kubernetes-client", on_path("kubectl").is_some()),
    ];
    let missing = needed.into_iter().filter(|(_, is_there)| !is_there);
    missing.map(|(package, _)| package).collect()
}

/// Debian's Python comes without the modules that make virtual environments.
fn makes_venvs() -> bool {
    let python = on_path("python3");
    python.is_some_and(|path| output(&path, &["-c", "import ensurepip, venv"]).is_ok())
}

/// A program by the name it has on `PATH`, asked for its version.
fn find(name: &str, version: &[&str]) -> Result<Program> {
    let path = on_path(name).context("not on PATH")?;
    let text = output(&path, version)?;
    let version = version_in(&text);
    Ok(Program { path, version })
}

/// The first word that begins with a digit, or with one behind a `v`.
fn version_in(text: &str) -> String {
    let is_number = |word: &&str| word.starts_with(|c: char| c.is_ascii_digit());
    let words = text.split_whitespace();
    let mut numbers = words.map(|word| word.strip_prefix('v').unwrap_or(word));
    let version = numbers.find(is_number);
    version.unwrap_or("unknown").to_owned()
}

fn is_root() -> bool {
    output(Path::new("id"), &["-u"]).is_ok_and(|id| id == "0")
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn a_program_is_found_with_the_first_number_it_prints() {
        let shell = find("sh", &["-c", "echo OpenSSL 3.0.19 of 2026"]).unwrap();
        assert_eq!(shell.version, "3.0.19");
        let shell = find("sh", &["-c", "echo Client Version: v1.32.4"]).unwrap();
        assert_eq!(shell.version, "1.32.4");
    }

    #[test]
    fn a_missing_program_is_an_error() {
        assert_eq!(
            find("no-such-program-here", &[]).unwrap_err().to_string(),
            "not on PATH"
        );
    }
}
