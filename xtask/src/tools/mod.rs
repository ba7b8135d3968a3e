//! `cargo xtask tools`: the programs that tests run beside ours.

mod nats_server;
mod program;
mod promtool;
mod python;
mod system;
mod venv;

use std::fmt;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::tools::program::Program;
use crate::tools::venv::Venv;
use crate::workspace::Workspace;

/// Finds each tool, or fetches it, and prints what was found.
///
/// # Errors
///
/// When one is missing; what to do about it was printed.
pub(crate) fn run() -> Result<()> {
    let tools = Tools::provide(&Workspace::load()?)?;
    print!("{tools}");
    let missing = tools.list().into_iter().filter(|tool| tool.found.is_err());
    let missing: Vec<_> = missing.map(|tool| tool.name).collect();
    ensure!(missing.is_empty(), "missing: {}", missing.join(", "));
    Ok(())
}

/// The tools, each found or not.
#[derive(Debug)]
pub(crate) struct Tools {
    nats_server: Tool,
    python: Tool,
    openssl: Tool,
    sqlite: Tool,
    promtool: Tool,
    postgres: Tool,
    kubectl: Tool,
}

/// A tool by name: the program, or why there is none; and what to do then.
#[derive(Debug)]
pub(crate) struct Tool {
    name: &'static str,
    found: Result<Program>,
    advice: &'static str,
}

impl Tools {
    /// Looks for each tool. `nats-server`, `promtool` and the Python package are fetched into the build
    /// folder when the machine has none; a second run finds them there.
    ///
    /// # Errors
    ///
    /// When the build folder cannot be used. A missing tool is no error yet.
    pub(crate) fn provide(workspace: &Workspace) -> Result<Self> {
        system::install_missing_packages();
        let venv = Venv::at(workspace.target.join("tools/venv"))?;
        Ok(Self {
            nats_server: nats_server::provide(&venv),
            python: python::provide(&venv),
            openssl: system::openssl(),
            sqlite: system::sqlite(),
            promtool: promtool::provide(&workspace.target.join("tools/prometheus")),
            postgres: system::postgres(),
            kubectl: system::kubectl(),
        })
    }

    /// Tells a command's tests where the tools are: `NATS_SERVER`, `CONSIGN_PYTHON`
    /// and `PROMTOOL`.
    pub(crate) fn export<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        let exported = [
            (nats_server::VARIABLE, &self.nats_server),
            (python::VARIABLE, &self.python),
            (promtool::VARIABLE, &self.promtool),
        ];
        for (variable, tool) in exported {
            if let Ok(program) = &tool.found {
                command.env(variable, &program.path);
            }
        }
        command
    }

    fn list(&self) -> [&Tool; 7] {
        [
            &self.nats_server,
            &self.python,
            &self.openssl,
            &self.sqlite,
            &self.promtool,
            &self.postgres,
            &self.kubectl,
        ]
    }
}

impl fmt::Display for Tools {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.list().into_iter().try_for_each(
            |Tool {
                 name,
                 found,
                 advice,
             }| match found {
                Ok(program) => writeln!(f, "{name:<12} {program}"),
                Err(error) => writeln!(f, "{name:<12} MISSING: {error:#}\n{:<12} {advice}", ""),
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use anyhow::anyhow;

    use super::{Tool, Tools};
    use crate::tools::program::Program;

    #[test]
    fn what_is_found_is_exported_and_what_is_not_is_said() {
        let tool = |name, found| Tool {
            name,
            found,
            advice: "type this",
        };
        let program = || {
            Ok(Program {
                path: "/opt/x".into(),
                version: "1.2".into(),
            })
        };
        let tools = Tools {
            nats_server: tool("nats-server", program()),
            python: tool("python", Err(anyhow!("no such file"))),
            openssl: tool("openssl", program()),
            sqlite: tool("sqlite3", program()),
            promtool: tool("promtool", Err(anyhow!("no such file"))),
            postgres: tool("postgres", program()),
            kubectl: tool("kubectl", program()),
        };
        let mut command = Command::new("true");
        let variables: Vec<_> = tools.export(&mut command).get_envs().collect();
        assert_eq!(
            variables,
            [("NATS_SERVER".as_ref(), Some("/opt/x".as_ref()))]
        );
        let text = tools.to_string();
        assert!(text.starts_with("nats-server  1.2  /opt/x\npython       MISSING: no such file\n"));
        assert!(
            text.contains("file\n             type this\nopenssl "),
            "{text}"
        );
    }
}
