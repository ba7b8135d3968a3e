//! A virtual environment of our own, so that nothing is installed system-wide.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::cargo::run;
use crate::tools::program::{on_path, output};

/// The environment; it is made when something is first installed into it.
#[derive(Debug)]
pub(crate) struct Venv {
    dir: PathBuf,
}

impl Venv {
    /// The environment in a folder that need not exist yet. What lies there after a run that was
    /// stopped half-way is removed.
    pub(crate) fn at(dir: PathBuf) -> Result<Self> {
        let venv = Self { dir };
        if venv.dir.exists() && !venv.works() {
            let doing = || format!("remove what is left of {}", venv.dir.display());
            fs::remove_dir_all(&venv.dir).with_context(doing)?;
        }
        Ok(venv)
    }

    /// Where a program of the environment lies, or would.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.dir.join("bin").join(name)
    }

    /// Installs one pinned package. No package is built from source: that would need compilers,
    /// and would run what the package brings.
    pub(crate) fn install(&self, package: &str) -> Result<()> {
        self.make()?;
        let mut pip = Command::new(self.program("python"));
        // Its words are for the user: our own output is the list of what was found.
        run(pip
            .args(INSTALL.split(' '))
            .arg(package)
            .stdout(std::io::stderr()))
    }

    fn make(&self) -> Result<()> {
        if self.dir.exists() {
            return Ok(());
        }
        let python = on_path("python3").context("find python3 on PATH")?;
        let mut venv = Command::new(python);
        venv.args(["-m", "venv"])
            .arg(&self.dir)
            .stdout(std::io::stderr());
        run(&mut venv)
    }

    fn works(&self) -> bool {
        output(&self.program("python"), &["-c", "import pip"]).is_ok()
    }
}

const INSTALL: &str =
    "-m pip install --quiet --no-input --disable-pip-version-check --only-binary :all:";

#[cfg(test)]
mod tests {
    use std::{env, fs, process};

    use super::Venv;

    #[test]
    fn half_an_environment_is_removed() {
        let name = format!("half-a-venv-{}", process::id());
        let dir = env::temp_dir().join(name);
        fs::create_dir_all(dir.join("bin")).unwrap();
        Venv::at(dir.clone()).unwrap();
        assert!(!dir.exists());
    }
}
