//! natscli's contexts: named ways to reach a broker, in the files that `nats` itself uses.

mod file;
mod folder;
mod list;
mod show;

use clap::{Args, Subcommand};
use clap_complete::ArgValueCandidates;
use supervisor::exit::{Exit, Failure};

pub(crate) use self::file::ContextFile;
use self::folder::Folder;
use crate::broker::BrokerArguments;
use crate::completion;
use crate::confirm;
use crate::human::safe;
use crate::output::Output;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the contexts; the one in use without --context is marked.
    #[command(
        visible_alias = "list",
        after_help = "Examples:\n  consign context ls\n  consign context ls -o name"
    )]
    Ls,
    /// Show a context, with its secrets left out.
    #[command(
        alias = "info",
        after_help = "Examples:\n  consign context show\n  consign context show prod -o json"
    )]
    Show(Shown),
    /// Select the context to use where none is named, here and in `nats`.
    #[command(alias = "select", after_help = "Examples:\n  consign context use prod")]
    Use(Named),
    /// Keep the broker that the flags name as a context (mode 0600).
    #[command(
        alias = "create",
        after_help = "Examples:\n  consign context add prod --server nats://nats:4222 --creds prod.creds"
    )]
    Add(Added),
    /// Delete a context.
    #[command(
        alias = "delete",
        after_help = "Examples:\n  consign context rm old --yes"
    )]
    Rm(Removed),
}

#[derive(Args, Debug)]
pub(crate) struct Named {
    /// The context.
    #[arg(value_name = "CONTEXT", add = ArgValueCandidates::new(completion::contexts))]
    context_name: String,
}

#[derive(Args, Debug)]
pub(crate) struct Shown {
    /// The context [default: the selected one].
    #[arg(value_name = "CONTEXT", add = ArgValueCandidates::new(completion::contexts))]
    context_name: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Added {
    #[command(flatten)]
    named: Named,
    /// What it is for.
    #[arg(long, value_name = "TEXT", default_value = "")]
    description: String,
    /// The JetStream domain.
    #[arg(long, value_name = "NAME", default_value = "")]
    domain: String,
    /// Overwrite a context of that name.
    #[arg(long)]
    replace: bool,
    /// Select it too.
    #[arg(long)]
    select: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Removed {
    #[command(flatten)]
    named: Named,
    /// Do not ask; needed where nobody can answer.
    #[arg(long, visible_alias = "force", short = 'f')]
    yes: bool,
    /// Only say what would go.
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn run(
    command: &Command,
    broker: &BrokerArguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let folder = Folder::find()?;
    match command {
        Command::Ls => list::run(&folder, output),
        Command::Show(shown) => show::run(&folder, shown.context_name.as_deref(), output),
        Command::Use(named) => {
            let name = &named.context_name;
            folder.select(name)?;
            output.note(&format!("{} is selected", safe(name)));
            Ok(Exit::Done)
        }
        Command::Add(added) => add(added, broker, &folder, output),
        Command::Rm(removed) => remove(removed, &folder, output),
    }
}

/// The contexts that there are.
pub(crate) fn names() -> Result<Vec<String>, Failure> {
    Folder::find()?.names()
}

fn add(
    added: &Added,
    broker: &BrokerArguments,
    folder: &Folder,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let name = &added.named.context_name;
    let file = ContextFile {
        description: added.description.clone(),
        jetstream_domain: added.domain.clone(),
        ..broker.as_context()
    };
    if !added.replace && folder.has(name)? {
        return Err(
            Failure::new(Exit::Failed, format!("add the context {}", safe(name)))
                .because("there is one of that name")
                .try_next("another name, or --replace"),
        );
    }
    let path = folder.write(name, &file)?;
    output.note(&format!("wrote {}", path.display()));
    if let Some(trouble) = folder.trouble(name) {
        output.insist(&safe(&trouble));
    }
    if added.select {
        folder.select(name)?;
    }
    output.note(&format!(
        "try: consign stream ensure --dry-run --context {}",
        safe(name)
    ));
    Ok(Exit::Done)
}

fn remove(removed: &Removed, folder: &Folder, output: &mut Output) -> Result<Exit, Failure> {
    let name = &removed.named.context_name;
    folder.demand(name)?;
    let is_selected = folder.selected()?.as_deref() == Some(name.as_str());
    let also = match is_selected {
        true => ", which is the selected one",
        false => "",
    };
    output.note(&format!("This deletes the context {}{also}.", safe(name)));
    if removed.dry_run {
        output.note("nothing was done");
        return Ok(Exit::Done);
    }
    if !removed.yes {
        confirm::typed(name, "its name", "delete a context", output)?;
    }
    folder.remove(name)?;
    if is_selected {
        folder.deselect()?;
    }
    Ok(Exit::Done)
}
