//! What shells need to complete command lines: a script that asks this program, which knows its own
//! words, and asks the broker for the names of streams.

mod bash;
mod names;

use clap::{Args, CommandFactory as _};
use clap_complete::env::{Elvish, Fish, Powershell, Shells, Zsh};
use clap_complete::{CompleteEnv, Shell};
use supervisor::exit::{Exit, Failure};

use self::bash::Bash;
pub(crate) use self::names::{contexts, settings, streams};
use crate::cli::Cli;
use crate::output::Output;

#[derive(Args, Debug)]
#[command(
    after_help = "The script asks this program at every Tab, so have the shell read it as it \
    starts: in ~/.bashrc\n`source <(consign completion bash)`, in ~/.zshrc the same with zsh. Names \
    of streams are asked of\nthe broker that the line names, or the settings; one that does not \
    answer costs a second.\n\n\
    Examples:\n  consign completion bash\n  \
    consign completion fish > ~/.config/fish/completions/consign.fish"
)]
pub(crate) struct Arguments {
    /// The shell it is for.
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints what a shell needs to complete command lines.
pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    let failed = || Failure::new(Exit::Failed, "write the script");
    let shell = SHELLS.completer(&arguments.shell.to_string());
    let shell = shell.ok_or_else(failed)?;
    let mut script = Vec::new();
    shell
        .write_registration(VARIABLE, PROGRAM, PROGRAM, PROGRAM, &mut script)
        .map_err(|error| failed().because(error))?;
    output.bytes(&script)?;
    Ok(Exit::Done)
}

/// Answers a shell's script, and ends the program with that. Does nothing where no script asks.
pub(crate) fn answer() {
    CompleteEnv::with_factory(Cli::command)
        .var(VARIABLE)
        .bin(PROGRAM)
        .completer(PROGRAM)
        .shells(SHELLS)
        .complete();
}

const PROGRAM: &str = "consign";
/// With the shell's name as its value, it says that a script asks. No setting begins like this.
const VARIABLE: &str = "_CONSIGN_COMPLETE";
const SHELLS: Shells<'static> = Shells(&[&Bash, &Elvish, &Fish, &Powershell, &Zsh]);
