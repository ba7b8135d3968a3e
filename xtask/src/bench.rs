//! `cargo xtask bench`: every benchmark, and a verdict over the ratios they print.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::cargo::{cargo, line as command_line};
use crate::ratio::Ratio;
use crate::workspace::{Package, Workspace};

/// Runs the benchmarks of each package that has any, in the release profile, one after another.
///
/// # Errors
///
/// When a benchmark fails, prints a ratio that cannot be read, or misses what it must reach; and
/// when there is no ratio at all, for then nothing was measured.
pub(crate) fn run() -> Result<()> {
    let workspace = Workspace::load()?;
    let mut output = Vec::new();
    for package in workspace
        .packages
        .iter()
        .filter(|package| !package.benches.is_empty())
    {
        output.extend(ratio_lines(&mut command(package))?);
    }
    ensure!(!output.is_empty(), "no benchmark printed a ratio");
    let summary = Summary::of(&output);
    summary.lines.iter().for_each(|line| println!("{line}"));
    ensure!(
        summary.failures == 0,
        "{} of {} ratios failed",
        summary.failures,
        summary.lines.len()
    );
    Ok(())
}

/// What is printed in the end, and how many of its lines are bad news.
#[derive(Debug, PartialEq)]
struct Summary {
    lines: Vec<String>,
    failures: usize,
}

impl Summary {
    fn of(output: &[String]) -> Self {
        let judged = output.iter().map(|line| match line.parse::<Ratio>() {
            Ok(ratio) => (ratio.to_string(), ratio.misses_must()),
            Err(error) => (format!("{line}: UNREADABLE: {error:#}"), true),
        });
        let (lines, verdicts): (Vec<_>, Vec<_>) = judged.unzip();
        Self {
            lines,
            failures: verdicts.into_iter().filter(|failed| *failed).count(),
        }
    }
}

fn command(package: &Package) -> Command {
    // Each target by name: `--benches` would build and run the unit tests too.
    let mut command = cargo(&["bench", "--package", &package.name]);
    for bench in &package.benches {
        command.args(["--bench", bench]);
    }
    command
}

/// Runs a command, shows its output as it comes, and returns the lines that claim to be ratios.
fn ratio_lines(command: &mut Command) -> Result<Vec<String>> {
    let name = command_line(command);
    eprintln!("     $ {name}");
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("start `{name}`"))?;
    let stdout = child.stdout.take().context("read the benchmark's output")?;
    let mut ratios = Vec::new();
    for line in BufReader::new(stdout).lines() {
        let line = line.with_context(|| format!("read the output of `{name}`"))?;
        println!("{line}");
        if Ratio::is_ratio(&line) {
            ratios.push(line);
        }
    }
    let status = child.wait().with_context(|| format!("wait for `{name}`"))?;
    ensure!(status.success(), "`{name}` failed: {status}");
    Ok(ratios)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::{Summary, ratio_lines};

    #[test]
    fn ratios_are_picked_out_of_the_output() {
        let mut echo = Command::new("printf");
        let lines = ratio_lines(echo.arg("running\nratio a value=1\n ratio b\nratio c\n")).unwrap();
        assert_eq!(lines, ["ratio a value=1", "ratio c"]);
    }

    #[test]
    fn a_benchmark_that_fails_is_an_error_whatever_it_printed() {
        let mut shell = Command::new("sh");
        assert!(ratio_lines(shell.args(["-c", "echo ratio a; exit 3"])).is_err());
    }

    #[test]
    fn a_missed_must_and_an_unreadable_line_both_fail_the_run() {
        let lines = [
            "ratio good value=3 must=>=2 goal=>=4 unit=x",
            "ratio slow value=1 must=>=2 goal=>=4 unit=x",
            "ratio odd value=one must=>=2 goal=>=4 unit=x",
        ];
        let summary = Summary::of(&lines.map(str::to_owned));
        assert_eq!(summary.failures, 2, "{summary:?}");
        assert!(summary.lines[1].contains("MISSES") && summary.lines[2].contains("UNREADABLE"));
    }
}
