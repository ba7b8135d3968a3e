use std::ops::RangeInclusive;

/// The commands of a page, in order.
pub(crate) struct Page {
    pub(crate) commands: Vec<Command>,
}

/// One command, and what the page says of it.
pub(crate) struct Command {
    pub(crate) line: usize,
    pub(crate) text: String,
    pub(crate) exits: RangeInclusive<i32>,
    pub(crate) expected: Vec<String>,
}

impl Page {
    pub(crate) fn parse(text: &str) -> Self {
        let mut commands: Vec<Command> = Vec::new();
        let mut inside = false;
        for (number, line) in text.lines().enumerate() {
            if line.starts_with("```") {
                inside = line == "```console";
                continue;
            }
            if !inside {
                continue;
            }
            if let Some(text) = line.strip_prefix("$ ") {
                commands.push(Command {
                    line: number + 1,
                    text: text.to_owned(),
                    exits: 0..=0,
                    expected: Vec::new(),
                });
            } else if let Some(command) = commands.last_mut() {
                match line.strip_prefix("? ") {
                    Some(exits) => command.exits = range(exits),
                    None => command.expected.push(line.to_owned()),
                }
            } else {
                panic!("line {number}: output without a command");
            }
        }
        Self { commands }
    }
}

fn range(text: &str) -> RangeInclusive<i32> {
    let (low, high) = text.split_once("..").unwrap_or((text, text));
    low.parse().unwrap()..=high.parse().unwrap()
}
