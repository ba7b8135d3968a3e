//! Help on commands, and on what concerns all of them.

mod topic;

use clap::{Args, CommandFactory as _, ValueEnum as _};
use supervisor::exit::{Exit, Failure};

use self::topic::Topic;
use crate::cli::Cli;
use crate::output::Output;

#[derive(Args, Debug)]
#[command(after_help = "Topics: exit-codes, environment, time, output.\n\n\
    Examples:\n  consign help dlq redrive\n  consign help exit-codes")]
pub(crate) struct Arguments {
    /// A command, or a topic.
    #[arg(value_name = "WORD")]
    words: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    if let [word] = arguments.words.as_slice()
        && let Ok(topic) = Topic::from_str(word, true)
    {
        output.line(topic.text().trim_end())?;
        return Ok(Exit::Done);
    }
    let mut root = Cli::command();
    root.build();
    let mut command = &mut root;
    for word in &arguments.words {
        command = command
            .find_subcommand_mut(word)
            .ok_or_else(|| unknown(&arguments.words))?;
    }
    let text = command.render_long_help().to_string();
    output.line(text.trim_end())?;
    Ok(Exit::Done)
}

fn unknown(words: &[String]) -> Failure {
    let words = crate::human::safe(&words.join(" "));
    let topics: Vec<&str> = Topic::value_variants()
        .iter()
        .map(|topic| topic.name())
        .collect();
    Failure::new(Exit::Usage, format!("explain {words}"))
        .because("it is neither a command nor a topic")
        .try_next(format!(
            "consign help, or consign help {}",
            topics.join("|")
        ))
}
