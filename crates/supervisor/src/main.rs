//! `supervisor`: the daemon. Configured by the environment alone; see `docs/settings.md`.

use std::io::{self, Write as _};
use std::process::ExitCode;

use supervisor::exit::{Exit, Failure};
use supervisor::settings::Settings;
use supervisor::{daemon, logging};

fn main() -> ExitCode {
    let exit = run().unwrap_or_else(|failure| {
        note(&failure.to_string());
        failure.exit()
    });
    exit.into()
}

fn run() -> Result<Exit, Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let from_stdin = match arguments.as_slice() {
        [] => false,
        ["-"] => true,
        ["--version" | "-V"] => {
            print(concat!("supervisor ", env!("CARGO_PKG_VERSION")));
            return Ok(Exit::Done);
        }
        ["--check-config"] => return check_config(),
        ["--help" | "-h"] => {
            print(HELP);
            return Ok(Exit::Done);
        }
        _ => {
            let what = "the arguments are not understood";
            return Err(Failure::new(Exit::Usage, what).try_next("supervisor --help"));
        }
    };
    let Some((mut settings, report)) = settings() else {
        return Ok(Exit::Config);
    };
    settings.stdin |= from_stdin;
    logging::start(&settings.log)?;
    for notice in report.notices() {
        tracing::warn!("{notice}");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Failed, "start the runtime").because(error))?;
    let exit = runtime.block_on(daemon::run(settings));
    // Standard input may still be waited for by a thread that nothing can wake.
    runtime.shutdown_background();
    exit
}

fn check_config() -> Result<Exit, Failure> {
    let Some((settings, report)) = settings() else {
        return Ok(Exit::Config);
    };
    supervisor::check(&settings)?;
    print(report.show().trim_end());
    print(&format!("\nCHAIN  {}", supervisor::stack(&settings)));
    Ok(Exit::Done)
}

/// The settings, or nothing once everything that is wrong with them was said.
fn settings() -> Option<(Settings, supervisor::settings::Report)> {
    match Settings::from_env() {
        Ok(loaded) => Some(loaded),
        Err(problems) => {
            note(problems.render().trim_end());
            None
        }
    }
}

fn print(text: &str) {
    // A reader that has gone away wants no more.
    let _unread = writeln!(io::stdout().lock(), "{text}");
}

fn note(text: &str) {
    let _unsaid = writeln!(io::stderr().lock(), "{text}");
}

const HELP: &str = "\
supervisor takes custody of events: over HTTP, and on standard input.

Usage: supervisor [- | --check-config | --version | --help]

  -               read events as NDJSON from standard input, and end with it
  --check-config  print the settings in force and the chain they make

It is configured by environment variables; consign config show lists them.
Exit codes: 0 done, 1 failed, 2 usage, 69 the broker cannot be reached, 74 storage failed, 75 the data
directory is held by another process, 78 configuration.";
