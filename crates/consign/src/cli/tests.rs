use clap::{Command, CommandFactory as _, Parser as _};

use super::Cli;

/// What earlier systems and natscli called things, and what stands for it here. Pairs of commands
/// that are not built in are passed over.
const EARLIER: &[(&str, &str)] = &[
    (
        "--nats-url nats://n:1 stream ensure",
        "--server nats://n:1 stream ensure",
    ),
    (
        "-s nats://n:1 stream ensure",
        "--server nats://n:1 stream ensure",
    ),
    ("--format json dlq ls", "-o json dlq ls"),
    ("--colors never dlq ls", "--color never dlq ls"),
    ("--json config show", "-o json config show"),
    ("config explain CONSIGN_SINK", "config explain CONSIGN_SINK"),
    ("str ensure", "stream ensure"),
    ("ctx ls", "context ls"),
    ("context select prod", "context use prod"),
    ("dlq drop 7 -f", "dlq drop 7 --yes"),
    ("streams", "stream ls"),
    ("consumers", "consumer ls"),
    ("purge CONSIGN_EVENTS", "stream purge CONSIGN_EVENTS"),
    ("sub a.>", "subscribe a.>"),
    ("tail a.>", "subscribe a.>"),
    ("pub a.b {}", "publish a.b {}"),
    (
        "replay --subject a.> --start-time 1h --limit 5 --stream S --format json",
        "replay --subject a.> --since 1h --limit 5 --stream S -o json",
    ),
    (
        "bench --ui-url http://h:1 --workflow-id r --steady-events 9 --steady-rate 3",
        "bench --url http://h:1 --run-id r --events 9 --rate 3",
    ),
];

#[test]
fn the_tree_holds_together() {
    Cli::command().debug_assert();
}

#[test]
fn earlier_spellings_are_understood() {
    let tree = Cli::command();
    for (earlier, ours) in EARLIER {
        if !is_built_in(&tree, ours) {
            continue;
        }
        let read = |line: &str| Cli::try_parse_from(format!("consign {line}").split(' '));
        let new = read(ours).unwrap_or_else(|error| panic!("{ours}: {error}"));
        let old = read(earlier).unwrap_or_else(|error| panic!("{earlier}: {error}"));
        if is_same_command(earlier, ours) {
            assert_eq!(format!("{:?}", old.command), format!("{:?}", new.command));
            let server = |cli: &Cli| format!("{:?}", cli.broker);
            assert_eq!(server(&old), server(&new), "{earlier}");
        }
        let form = |cli: &Cli| crate::output::Output::new(&cli.output).format();
        assert_eq!(form(&old), form(&new), "{earlier}");
    }
}

#[test]
fn every_command_and_argument_says_what_it_is_for() {
    each(&Cli::command(), &mut |path, command| {
        assert!(command.get_about().is_some(), "{path} has no help");
        for argument in command.get_arguments() {
            let id = argument.get_id();
            assert!(argument.get_help().is_some(), "{path}: {id} has no help");
        }
    });
}

#[test]
fn every_command_has_examples_that_parse() {
    each(&Cli::command(), &mut |path, command| {
        if command.has_subcommands() && path.contains(' ') {
            return;
        }
        let shown = command.get_after_help().map(ToString::to_string);
        let shown = shown.unwrap_or_default();
        let examples: Vec<&str> = shown
            .split_once("Examples:\n")
            .map(|(_, examples)| examples.lines().collect())
            .unwrap_or_default();
        assert!(
            !examples.is_empty(),
            "{path} has no `Examples:` in after_help"
        );
        for example in examples {
            let ours = words(example);
            assert!(!ours.is_empty(), "{path}: no command in {example:?}");
            for line in ours {
                if let Err(error) = Cli::try_parse_from(&line) {
                    panic!("{path}: {example}: {error}");
                }
            }
        }
    });
}

/// Visits every command with the words that lead to it.
fn each(command: &Command, visit: &mut impl FnMut(&str, &Command)) {
    fn walk(path: &str, command: &Command, visit: &mut impl FnMut(&str, &Command)) {
        visit(path, command);
        for next in command.get_subcommands() {
            walk(&format!("{path} {}", next.get_name()), next, visit);
        }
    }
    walk("consign", command, visit);
}

/// The calls of `consign` in a line of shell: pipes part them, quotes hold words together, and what
/// is written to files is left out.
fn words(line: &str) -> Vec<Vec<String>> {
    let mut calls = vec![Vec::new()];
    let mut word: Option<String> = None;
    let mut quoted = None;
    for character in line.chars().chain([' ']) {
        match (quoted, character) {
            (Some(quote), end) if quote == end => quoted = None,
            (Some(_), inner) => word.get_or_insert_default().push(inner),
            (None, '\'' | '"') => {
                quoted = Some(character);
                word.get_or_insert_default();
            }
            (None, ' ') => {
                if let (Some(word), Some(call)) = (word.take(), calls.last_mut()) {
                    call.push(word);
                }
            }
            (None, '|') => calls.push(Vec::new()),
            (None, other) => word.get_or_insert_default().push(other),
        }
    }
    for call in &mut calls {
        let written = call.iter().position(|word| word.starts_with('>'));
        call.truncate(written.unwrap_or(call.len()));
    }
    calls.retain(|call| call.first().is_some_and(|first| first == "consign"));
    calls
}

fn is_built_in(tree: &Command, line: &str) -> bool {
    let mut command = tree;
    let mut found = false;
    for word in line.split(' ') {
        if let Some(next) = command.find_subcommand(word) {
            (command, found) = (next, true);
        }
    }
    found && !command.has_subcommands()
}

/// Whether both begin with the same command, by any of its names.
fn is_same_command(earlier: &str, ours: &str) -> bool {
    let tree = Cli::command();
    let first = |line: &str| {
        let mut words = line.split(' ');
        words.find_map(|word| Some(tree.find_subcommand(word)?.get_name().to_owned()))
    };
    first(earlier) == first(ours)
}
