//! A program on this machine.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fmt};

use anyhow::{Context, Result, ensure};

use crate::environment::variable;

/// A program that was started once and told its version.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) path: PathBuf,
    pub(crate) version: String,
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}  {}", self.version, self.path.display())
    }
}

/// The file that typing `name` would run.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = variable("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// What a command prints, its last line break cut.
///
/// # Errors
///
/// When it cannot be started or fails; with what it said about it.
pub(crate) fn output<A: AsRef<OsStr>>(program: &Path, arguments: &[A]) -> Result<String> {
    let mut command = Command::new(program);
    command.args(arguments);
    let output = command
        .output()
        .with_context(|| format!("start {}", program.display()))?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    let last_words = complaint.trim_end().lines().last().unwrap_or_default();
    ensure!(
        output.status.success(),
        "{} failed: {last_words}",
        program.display()
    );
    let text = String::from_utf8(output.stdout).context("read its output as UTF-8")?;
    Ok(text.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{on_path, output};

    #[test]
    fn a_program_is_found_on_the_path_and_only_there() {
        assert!(on_path("sh").is_some_and(|shell| shell.is_absolute()));
        assert!(on_path("no-such-program-here").is_none());
    }

    #[test]
    fn a_failing_program_is_quoted_with_its_last_words() {
        let error = output(
            Path::new("sh"),
            &["-c", "echo first >&2; echo last >&2; exit 1"],
        );
        assert!(error.unwrap_err().to_string().ends_with("failed: last"));
        assert_eq!(output(Path::new("sh"), &["-c", "echo yes"]).unwrap(), "yes");
    }
}
