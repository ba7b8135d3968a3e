//! Workspace tasks: `cargo xtask <check|lint|test|tidy|bench|tools|docs>`. See README.md.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line tool speaks on its standard streams"
)]

mod bench;
mod cargo;
mod check;
mod docs;
mod environment;
mod lint;
mod ratio;
mod steps;
mod test;
mod tidy;
mod tools;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let Some(task) = task(&words) else {
        eprint!("{USAGE}");
        return ExitCode::from(2);
    };
    match task() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

type Task = fn() -> Result<()>;

fn task(words: &[&str]) -> Option<Task> {
    match words {
        ["check"] => Some(check::run),
        ["lint"] => Some(lint::run),
        ["test"] => Some(test::run),
        ["tidy"] => Some(tidy::run),
        ["bench"] => Some(bench::run),
        ["tools"] => Some(tools::run),
        ["docs"] => Some(docs::run),
        ["help" | "--help" | "-h"] => Some(help),
        _ => None,
    }
}

fn help() -> Result<()> {
    print!("{USAGE}");
    Ok(())
}

const USAGE: &str = "\
usage: cargo xtask <task>

  check   what a change must pass: lint, then the unit and documentation tests
  lint    format, tidy, clippy, documentation, and cargo-deny where it is installed
  test    find the tools, then run every test of the workspace
  tidy    the rules no compiler knows: imports between crates, file sizes, decision records
  bench   run every benchmark and hold its ratios against their bounds
  tools   find nats-server and Python with `cryptography` and `nats`, or fetch them into target/tools
  docs    build the documentation of every crate, warnings being errors
";

#[cfg(test)]
mod tests {
    use super::task;

    #[test]
    fn every_task_of_the_usage_text_is_known() {
        let listed = super::USAGE
            .lines()
            .filter_map(|line| line.strip_prefix("  "));
        let names: Vec<_> = listed
            .filter_map(|line| line.split_whitespace().next())
            .collect();
        assert_eq!(names.len(), 7);
        assert!(
            names.iter().all(|name| task(&[name]).is_some()),
            "{names:?}"
        );
    }

    #[test]
    fn an_unknown_task_a_missing_one_and_a_surplus_word_are_refused() {
        assert!(task(&[]).is_none());
        assert!(task(&["chekc"]).is_none());
        assert!(task(&["check", "--fast"]).is_none());
    }
}
