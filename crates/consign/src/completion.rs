use clap::{Args, CommandFactory as _};
use clap_complete::Shell;
use supervisor::exit::{Exit, Failure};

use crate::cli::Cli;
use crate::output::Output;

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    consign completion bash > ~/.local/share/bash-completion/completions/consign\n  \
    consign completion zsh > ~/.zfunc/_consign\n  \
    consign completion fish > ~/.config/fish/completions/consign.fish")]
pub(crate) struct Arguments {
    /// The shell it is for.
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints what a shell needs to complete command lines.
pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "consign", &mut script);
    output.bytes(&script)?;
    Ok(Exit::Done)
}
