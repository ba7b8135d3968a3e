//! The spool: what waits, what needs somebody, and what to do about it.

mod choice;
mod directory;
mod discard;
mod export;
mod list;
mod redrive;
mod remote;
mod show;
mod source;

use clap::Subcommand;
use supervisor::exit::{Exit, Failure};

use crate::client::block_on;
use crate::output::Output;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the spool's records, oldest first.
    #[command(visible_alias = "list")]
    Ls(list::Arguments),
    /// Show one record with its event.
    Show(show::Arguments),
    /// Deliver records anew; exit 3 when some of them could not be.
    Redrive(redrive::Arguments),
    /// Print the events of records, one a line, as they were signed; exit 3 when some are gone.
    Export(export::Arguments),
    /// Delete records for good.
    Drop(discard::Arguments),
}

pub(crate) fn run(command: &Command, output: &mut Output) -> Result<Exit, Failure> {
    block_on(async {
        match command {
            Command::Ls(arguments) => list::run(arguments, output).await,
            Command::Show(arguments) => show::run(arguments, output).await,
            Command::Redrive(arguments) => redrive::run(arguments, output).await,
            Command::Export(arguments) => export::run(arguments, output).await,
            Command::Drop(arguments) => discard::run(arguments, output).await,
        }
    })
}
