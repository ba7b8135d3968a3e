use std::io;
use std::path::PathBuf;

use clap::{Args, CommandFactory as _};
use clap_mangen::Man;
use supervisor::exit::{Exit, Failure};

use crate::cli::Cli;
use crate::output::Output;

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  consign man | man -l -\n  \
    consign man --dir ~/.local/share/man/man1")]
pub(crate) struct Arguments {
    /// Write a page for every command into this directory instead.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// Prints the manual page, or writes them all.
pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    let Some(dir) = &arguments.dir else {
        let mut page = Vec::new();
        let made = Man::new(Cli::command()).render(&mut page);
        made.map_err(|error| Failure::new(Exit::Failed, "make the page").because(error))?;
        output.bytes(&page)?;
        return Ok(Exit::Done);
    };
    let unwritten = |error: io::Error| {
        Failure::new(Exit::Failed, format!("write pages into {}", dir.display()))
            .because(error)
            .try_next("consign man --dir DIR that can be written")
    };
    std::fs::create_dir_all(dir).map_err(unwritten)?;
    clap_mangen::generate_to(Cli::command(), dir).map_err(unwritten)?;
    output.note(&format!("wrote the pages into {}", dir.display()));
    Ok(Exit::Done)
}
