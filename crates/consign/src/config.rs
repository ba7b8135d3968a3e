use clap::{Args, Subcommand};
use clap_complete::ArgValueCandidates;
use supervisor::exit::{Exit, Failure};
use supervisor::settings::{self, Problems, Report, Settings};

use crate::completion;
use crate::output::Output;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print every setting in force, where it comes from, and the chain it makes.
    #[command(after_help = "Examples:\n  consign config show\n  consign config show -o json")]
    Show,
    /// Print what one setting means, and where its value comes from.
    #[command(after_help = "Examples:\n  consign config explain CONSIGN_HTTP_ADDR")]
    Explain(Explained),
    /// Check the configuration and say everything that is wrong with it; exit 78 if anything is.
    #[command(after_help = "Examples:\n  consign config validate")]
    Validate,
    /// Print the JSON Schema of the TOML file.
    #[command(after_help = "Examples:\n  consign config schema")]
    Schema,
    /// Print an environment file with every setting, commented.
    #[command(after_help = "Examples:\n  consign config example > consign.env")]
    Example,
}

#[derive(Args, Debug)]
pub(crate) struct Explained {
    /// A setting, such as CONSIGN_HTTP_ADDR.
    #[arg(add = ArgValueCandidates::new(completion::settings))]
    name: String,
}

pub(crate) fn run(command: Command, output: &mut Output) -> Result<Exit, Failure> {
    match command {
        Command::Show => show(output),
        Command::Explain(explained) => explain(&explained.name, output),
        Command::Validate => validate(output),
        Command::Schema => {
            output.json(&settings::schema())?;
            Ok(Exit::Done)
        }
        Command::Example => {
            output.line(settings::example().trim_end())?;
            Ok(Exit::Done)
        }
    }
}

fn show(output: &mut Output) -> Result<Exit, Failure> {
    let loaded = Settings::from_env();
    let (report, stack, exit) = match &loaded {
        Ok((settings, report)) => (report, Some(supervisor::stack(settings)), Exit::Done),
        Err(problems) => (problems.report(), None, Exit::Config),
    };
    if output.is_json() {
        let mut document = report.to_json();
        if let (Some(fields), Some(stack)) = (document.as_object_mut(), &stack) {
            fields.insert("stack".to_owned(), stack.clone().into());
        }
        output.json(&document)?;
    } else {
        output.line(report.show().trim_end())?;
        if let Some(stack) = &stack {
            output.line(&format!("\nCHAIN  {stack}"))?;
        }
    }
    note_problems(loaded.as_ref().err(), output);
    Ok(exit)
}

fn explain(name: &str, output: &mut Output) -> Result<Exit, Failure> {
    let loaded = Settings::from_env();
    let report: &Report = match &loaded {
        Ok((_, report)) => report,
        Err(problems) => problems.report(),
    };
    let text = report.explain(name).map_err(|unknown| {
        Failure::new(Exit::Usage, format!("explain {name}"))
            .because(unknown)
            .try_next("consign config show")
    })?;
    output.line(text.trim_end())?;
    Ok(Exit::Done)
}

fn validate(output: &mut Output) -> Result<Exit, Failure> {
    match Settings::from_env() {
        Ok((settings, report)) => {
            for notice in report.notices() {
                output.note(notice);
            }
            supervisor::check(&settings)?;
            output.line(&format!("ok  {}", supervisor::stack(&settings)))?;
            Ok(Exit::Done)
        }
        Err(problems) => {
            note_problems(Some(&problems), output);
            Ok(Exit::Config)
        }
    }
}

fn note_problems(problems: Option<&Problems>, output: &mut Output) {
    if let Some(problems) = problems {
        output.insist(problems.render().trim_end());
    }
}
