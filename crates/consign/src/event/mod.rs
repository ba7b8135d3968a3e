//! Events on their own: made, checked and converted, without any chain.

mod convert;
mod form;
mod new;
mod validate;

use clap::Subcommand;
use supervisor::exit::{Exit, Failure};

use crate::output::Output;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print a new event in structured mode.
    New(new::Arguments),
    /// Check events against CloudEvents 1.0 and name every violation; exit 3 where there are any.
    Validate(validate::Arguments),
    /// Print events in another content mode.
    Convert(convert::Arguments),
}

pub(crate) fn run(command: Command, output: &mut Output) -> Result<Exit, Failure> {
    match command {
        Command::New(arguments) => new::run(&arguments, output),
        Command::Validate(arguments) => validate::run(&arguments, output),
        Command::Convert(arguments) => convert::run(&arguments, output),
    }
}
