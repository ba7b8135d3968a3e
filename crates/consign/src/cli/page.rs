//! The book's page of commands, made of what the program itself says.

use std::fmt::Write as _;
use std::fs;

use clap::{Arg, Command, CommandFactory as _};
use supervisor::exit::Exit;

use super::Cli;

/// Where the page is kept.
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/commands.md");

#[test]
fn the_page_of_commands_is_up_to_date() {
    let page = page();
    if option_env!("UPDATE_DOCS").is_some() {
        fs::write(PAGE, &page).unwrap();
    }
    let kept = fs::read_to_string(PAGE).unwrap_or_default();
    assert!(
        kept == page,
        "docs/commands.md differs from the commands; run UPDATE_DOCS=1 cargo test -p consign page"
    );
}

fn page() -> String {
    let mut tree = Cli::command();
    tree.build();
    let mut page = "# Commands\n\nThis page is made from the program; \
        `UPDATE_DOCS=1 cargo test -p consign page` writes it anew.\n\n"
        .to_owned();
    page.push_str("## Everywhere\n\nBefore or after any command:\n\n");
    flags(
        &mut page,
        tree.get_arguments().filter(|flag| flag.is_global_set()),
    );
    page.push_str("\n## Exit codes\n\n| Code | Meaning |\n|---|---|\n");
    for exit in Exit::ALL {
        let meaning = exit.meaning().replace('|', "\\|");
        writeln!(page, "| {} | {meaning} |", exit.code()).unwrap();
    }
    for command in tree.get_subcommands() {
        section(&mut page, "consign", command);
    }
    page
}

fn section(page: &mut String, above: &str, command: &Command) {
    let path = format!("{above} {}", command.get_name());
    if command.is_hide_set() || command.get_name() == "help" && above != "consign" {
        return;
    }
    let about = command.get_about().map(ToString::to_string);
    writeln!(page, "\n## {path}\n\n{}.", about.unwrap_or_default()).unwrap();
    let aliases: Vec<String> = command
        .get_all_aliases()
        .map(|alias| format!("`{alias}`"))
        .collect();
    if !aliases.is_empty() {
        writeln!(page, "Also {}.", aliases.join(", ")).unwrap();
    }
    let own: Vec<&Arg> = command
        .get_arguments()
        .filter(|flag| !flag.is_global_set() && flag.get_id() != "help")
        .filter(|flag| flag.get_id() != "version")
        .collect();
    if !own.is_empty() {
        page.push('\n');
        flags(page, own.into_iter());
    }
    if let Some(more) = command.get_after_help() {
        writeln!(page, "\n```text\n{}\n```", more.to_string().trim_end()).unwrap();
    }
    for next in command.get_subcommands() {
        section(page, &path, next);
    }
}

fn flags<'a>(page: &mut String, flags: impl Iterator<Item = &'a Arg>) {
    page.push_str("| | |\n|---|---|\n");
    for flag in flags.filter(|flag| !flag.is_hide_set()) {
        let mut names = Vec::new();
        names.extend(flag.get_short().map(|short| format!("-{short}")));
        names.extend(flag.get_long().map(|long| format!("--{long}")));
        let aliases = flag.get_all_aliases().unwrap_or_default();
        names.extend(aliases.into_iter().map(|alias| format!("--{alias}")));
        let values: Vec<String> = flag
            .get_value_names()
            .unwrap_or_default()
            .iter()
            .map(ToString::to_string)
            .collect();
        let takes = flag.get_action().takes_values();
        let shown = match (names.is_empty(), takes) {
            (true, _) => values.join(" "),
            (false, true) => format!("{} {}", names.join(", "), values.join(" ")),
            (false, false) => names.join(", "),
        };
        let help = flag.get_help().map(ToString::to_string);
        let help = help.unwrap_or_default().replace('\n', " ");
        let choices: Vec<String> = flag
            .get_possible_values()
            .iter()
            .filter(|_| takes)
            .map(|value| format!("`{}`", value.get_name()))
            .collect();
        let choices = match choices.is_empty() {
            true => String::new(),
            false => format!(" One of {}.", choices.join(", ")),
        };
        let help = format!("{}.{choices}", help.trim_end_matches('.')).replace('|', "\\|");
        writeln!(page, "| `{}` | {help} |", shown.replace('|', "\\|")).unwrap();
    }
}
