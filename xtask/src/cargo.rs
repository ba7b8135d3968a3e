//! Running cargo, and any other program, from within a cargo task.

use std::ffi::OsStr;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::environment::variable;

/// The cargo that started us, in a clean environment.
///
/// `cargo run` tells us about our own package through `CARGO_PKG_*` and `CARGO_MANIFEST_*`. Some
/// build scripts watch those names, so handing them on would rebuild such crates every time that
/// `cargo xtask` and a plain `cargo` alternate.
pub(crate) fn cargo<A: AsRef<OsStr>>(arguments: &[A]) -> Command {
    let mut command = Command::new(variable("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_about_our_own_package) {
            command.env_remove(name);
        }
    }
    command.args(arguments);
    command
}

/// Whether `cargo <name>` is installed.
pub(crate) fn has_subcommand(name: &str) -> bool {
    let version = cargo(&[name, "--version"]).output();
    version.is_ok_and(|output| output.status.success())
}

/// Runs a command on our own standard streams, naming it first.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let line = line(command);
    eprintln!("     $ {line}");
    let status = command
        .status()
        .with_context(|| format!("start `{line}`"))?;
    ensure!(status.success(), "`{line}` failed: {status}");
    Ok(())
}

/// The command as one would type it, with the program's name alone instead of its path.
pub(crate) fn line(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    let words = std::iter::once(name).chain(command.get_args());
    words
        .map(OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}

fn is_about_our_own_package(name: &str) -> bool {
    [
        "CARGO_PKG_",
        "CARGO_MANIFEST_",
        "CARGO_BIN_",
        "CARGO_CRATE_",
    ]
    .iter()
    .any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::{cargo, line, run};

    #[test]
    fn the_environment_of_our_own_package_is_not_handed_on() {
        let command = cargo(&["metadata"]);
        let mut removed = command.get_envs().filter(|(_, value)| value.is_none());
        assert!(removed.any(|(name, _)| name == "CARGO_MANIFEST_DIR"));
    }

    #[test]
    fn a_command_is_shown_as_one_would_type_it() {
        assert_eq!(
            line(Command::new("/usr/bin/env").args(["true", "-x"])),
            "env true -x"
        );
    }

    #[test]
    fn a_failing_or_missing_program_is_an_error_that_names_it() {
        let failed = run(&mut Command::new("false")).unwrap_err();
        assert!(
            failed.to_string().starts_with("`false` failed: "),
            "{failed}"
        );
        let missing = run(&mut Command::new("no-such-program-here")).unwrap_err();
        assert_eq!(missing.to_string(), "start `no-such-program-here`");
    }
}
