//! Checks everything that can be checked from here.

mod broker;
mod check;
mod clock;
mod files;
mod heard;
mod server;
mod spool;

use clap::Args;
use supervisor::exit::{Exit, Failure};

use self::check::{Check, Report};
use crate::broker::BrokerArguments;
use crate::client::{Address, block_on};
use crate::output::Output;

#[derive(Args, Debug)]
#[command(
    after_help = "Each line says ok, WARN, FAIL or skip, what was checked, and what is so.\n\
    Exit codes: 0 nothing to do; 3 findings; 69 the broker cannot be reached.\n\n\
    Examples:\n  consign doctor\n  consign doctor --offline -o json"
)]
pub(crate) struct Arguments {
    /// Check only what needs neither a broker nor a supervisor.
    #[arg(long)]
    offline: bool,
    #[command(flatten)]
    address: Address,
}

/// Checks the configuration, the files, the supervisor and the broker. What fails keeps no other
/// check from being made.
pub(crate) fn run(
    arguments: &Arguments,
    broker: &BrokerArguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let mut report = Report::default();
    match broker.settings() {
        Err(failure) => {
            report.add(Check::failed("configuration", &failure));
            report.add(Check::skip(
                "everything else",
                "there are no settings to go by",
            ));
        }
        Ok(settings) => {
            files::check(&settings, &mut report);
            block_on(async {
                let running = if arguments.offline {
                    report.add(Check::skip("supervisor", "not asked: --offline"));
                    None
                } else {
                    server::check(&arguments.address, &mut report).await
                };
                spool::check(&settings, running.as_ref(), &mut report);
                if arguments.offline {
                    report.add(Check::skip("broker", "not asked: --offline"));
                } else {
                    broker::check(broker, &settings, running.as_ref(), &mut report).await;
                }
                Ok(())
            })?;
        }
    }
    report.print(output)?;
    Ok(report.exit())
}
