//! The judge of our metrics: `promtool`, of Prometheus.

use std::fs;
use std::path::{Path, PathBuf, absolute};
use std::process::Command;

use anyhow::{Context, Result};

use crate::cargo::run;
use crate::environment::variable;
use crate::tools::Tool;
use crate::tools::program::{Program, on_path, output};

/// The variable that names the binary, to us and to the tests.
pub(crate) const VARIABLE: &str = "PROMTOOL";

/// The binary that the environment names, else the one on `PATH`, else the one of Debian's
/// package, unpacked once into `dir`: installing it would start a server.
pub(crate) fn provide(dir: &Path) -> Tool {
    Tool {
        name: "promtool",
        found: find(dir),
        advice: ADVICE,
    }
}

fn find(dir: &Path) -> Result<Program> {
    if let Some(path) = variable(VARIABLE) {
        return judge(Path::new(&path)).with_context(|| format!("use what {VARIABLE} names"));
    }
    if let Some(program) = on_path("promtool").and_then(|path| judge(&path).ok()) {
        return Ok(program);
    }
    let path = dir.join("usr/bin/promtool");
    if let Ok(program) = judge(&path) {
        return Ok(program);
    }
    unpack(dir)?;
    judge(&path)
}

fn judge(path: &Path) -> Result<Program> {
    // Tests run in folders of their own.
    let path = absolute(path).with_context(|| format!("find {}", path.display()))?;
    let text = output(&path, &["--version"])?;
    let version = text.split_whitespace().nth(2).unwrap_or("unknown");
    let version = version.to_owned();
    Ok(Program { path, version })
}

fn unpack(dir: &Path) -> Result<()> {
    let apt = on_path("apt-get").context("not on PATH, and there is no apt-get")?;
    let doing = || format!("make {}", dir.display());
    fs::create_dir_all(dir).with_context(doing)?;
    let mut download = Command::new(apt);
    download.args(["download", "-q", PACKAGE]).current_dir(dir);
    run(download.stdout(std::io::stderr()))?;
    let mut unpack = Command::new("dpkg");
    let unpack = unpack.arg("-x").arg(package_in(dir)?).arg(dir);
    run(unpack.stdout(std::io::stderr()))
}

fn package_in(dir: &Path) -> Result<PathBuf> {
    let files = fs::read_dir(dir).with_context(|| format!("read {}", dir.display()))?;
    let mut paths = files.flatten().map(|file| file.path());
    let found = paths.find(|path| path.extension().is_some_and(|end| end == "deb"));
    found.context("find the package that was downloaded")
}

const PACKAGE: &str = "prometheus";
const ADVICE: &str = "put promtool on PATH, or name it in PROMTOOL; Debian: `apt-get update`";
