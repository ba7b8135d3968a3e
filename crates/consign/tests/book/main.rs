//! Runs every command that the book and the README show, page by page, in a real shell.
//!
//! A page's `console` blocks are one session from its first line to its last: what one command
//! leaves, the next one finds. A line `? 3` names the exit code where it is not 0, `? 0..1` two that
//! may be. Lines below are what is printed; `...` stands for any lines, `[..]` for anything within
//! one. A command without such lines may print what it likes.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod page;
mod pattern;
mod session;

use std::fs;
use std::path::{Path, PathBuf};

use crate::page::Page;
use crate::session::Session;

const BOOK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs");

macro_rules! pages {
    ($($name:ident: $path:literal,)*) => {
        $(
            #[test]
            fn $name() {
                run($path);
            }
        )*
        const RUN: &[&str] = &[$($path),*];
    };
}

pages! {
    try_it: "start/try.md",
    with_a_broker: "start/broker.md",
    subjects: "concepts/subjects.md",
    proof: "concepts/proof.md",
    stuck: "operate/stuck.md",
    incident: "operate/incident.md",
    follow: "operate/follow.md",
    measure: "operate/measure.md",
    readme: "../README.md",
}

#[test]
fn every_page_with_commands_is_run_and_every_page_is_in_the_summary() {
    let summary = fs::read_to_string(Path::new(BOOK).join("SUMMARY.md")).unwrap();
    for path in pages_below(Path::new(BOOK)) {
        let name = path.strip_prefix(BOOK).unwrap().to_str().unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let shown = !Page::parse(&text).commands.is_empty();
        assert_eq!(shown, RUN.contains(&name), "{name} has commands: {shown}");
        for fence in ["```sh", "```bash", "```shell"] {
            assert!(!text.contains(fence), "{name}: {fence} would not be run");
        }
        assert!(summary.contains(&format!("({name})")), "{name}");
    }
}

fn run(name: &str) {
    let page = fs::read_to_string(Path::new(BOOK).join(name)).unwrap();
    let page = Page::parse(&page);
    assert!(!page.commands.is_empty());
    let mut session = Session::start();
    for command in &page.commands {
        let done = session.run(&command.text);
        let shown = format!("{name}:{}: $ {}\n{done}", command.line, command.text);
        assert!(command.exits.contains(&done.exit), "{shown}");
        if let Err(missing) = pattern::fits(&command.expected, &done.out) {
            panic!("{missing}\n{shown}");
        }
    }
}

fn pages_below(folder: &Path) -> Vec<PathBuf> {
    let mut pages = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            pages.extend(pages_below(&path));
        } else if path.extension().is_some_and(|end| end == "md") && !path.ends_with("SUMMARY.md") {
            pages.push(path);
        }
    }
    pages
}
