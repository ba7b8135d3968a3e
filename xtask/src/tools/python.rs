//! The Python that tests run: one that can import `cryptography` and `nats`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::environment::variable;
use crate::tools::Tool;
use crate::tools::program::{Program, on_path, output};
use crate::tools::venv::Venv;

/// The variable that names the interpreter, to us and to the tests.
pub(crate) const VARIABLE: &str = "CONSIGN_PYTHON";

/// The interpreter that the environment names, else the `python3` on `PATH` if it has the
/// packages, else one of our own with the pinned packages, made once.
pub(crate) fn provide(venv: &Venv) -> Tool {
    Tool {
        name: "python",
        found: find(venv),
        advice: ADVICE,
    }
}

fn find(venv: &Venv) -> Result<Program> {
    if let Some(path) = variable(VARIABLE) {
        return probe(Path::new(&path)).with_context(|| format!("use what {VARIABLE} names"));
    }
    if let Some(program) = on_path("python3").and_then(|path| probe(&path).ok()) {
        return Ok(program);
    }
    let path = venv.program("python");
    if let Ok(program) = probe(&path) {
        return Ok(program);
    }
    for package in PACKAGES {
        venv.install(package)?;
    }
    probe(&path)
}

/// Asks the interpreter itself where it is, since what `PATH` names may be a shim.
fn probe(path: &Path) -> Result<Program> {
    let text = output(path, &["-c", PROBE])?;
    let (path, version) = text
        .split_once('\n')
        .context("find two lines in what it printed")?;
    Ok(Program {
        path: PathBuf::from(path),
        version: version.to_owned(),
    })
}

const PROBE: &str = "\
import platform, sys, cryptography, nats
from importlib.metadata import version
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
print(sys.executable)
print(platform.python_version(), 'with cryptography', cryptography.__version__, 'and nats-py', version('nats-py'))";

const PACKAGES: [&str; 2] = ["cryptography==50.0.2", "nats-py==2.16.0"];
const ADVICE: &str = "type `python3 -m pip install cryptography nats-py`, \
    or name an interpreter that has them in CONSIGN_PYTHON";
