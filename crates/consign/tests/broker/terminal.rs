//! `consign` at a terminal, where somebody types.

use std::io::{Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use async_nats::jetstream::stream::Config;

use crate::rig::{Rig, bare};

/// A `consign` whose terminal is a real one, made by `script`.
struct Terminal {
    child: Child,
    keys: ChildStdin,
    screen: ChildStdout,
    seen: String,
}

impl Terminal {
    fn run(rig: &Rig, arguments: &[&str]) -> Self {
        let url = rig.server.url();
        let consign = bare(&[arguments, &["--server", &url]].concat());
        let words = [consign.get_program()]
            .into_iter()
            .chain(consign.get_args());
        let quoted = words.map(|word| format!("'{}'", word.to_str().unwrap()));
        let line = quoted.collect::<Vec<_>>().join(" ");
        // With the exit code of the command, and nothing of its own.
        let mut command = Command::new("script");
        command
            .env_clear()
            .env("SHELL", "/bin/sh")
            .args(["-qefc", &line, "/dev/null"]);
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = piped.spawn().unwrap();
        Self {
            keys: child.stdin.take().unwrap(),
            screen: child.stdout.take().unwrap(),
            child,
            seen: String::new(),
        }
    }

    /// Waits until the screen shows it.
    fn shows(&mut self, text: &str) {
        let mut bytes = [0; 256];
        while !self.seen.contains(text) {
            let read = self.screen.read(&mut bytes).unwrap();
            assert!(read > 0, "it ended and never showed {text}: {}", self.seen);
            self.seen.push_str(&String::from_utf8_lossy(bytes.get(..read).unwrap()));
        }
    }

    fn types(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    /// The exit code, and all that was to be seen.
    fn end(mut self) -> (Option<i32>, String) {
        let mut rest = Vec::new();
        self.screen.read_to_end(&mut rest).unwrap();
        self.seen.push_str(&String::from_utf8_lossy(&rest));
        (self.child.wait().unwrap().code(), self.seen)
    }
}

#[test]
fn a_stream_is_purged_once_its_name_is_typed_and_for_nothing_else() {
    let rig = Rig::start();
    rig.replace(&Config {
        name: "ORDERS".to_owned(),
        subjects: vec!["orders.>".to_owned()],
        ..Config::default()
    });
    rig.store("orders.a", 3);
    for (keys, code, said) in [
        ("orders\r", 1, "cause: it was not confirmed"),
        ("y\r", 1, "cause: it was not confirmed"),
        ("\r", 1, "cause: it was not confirmed"),
        ("ORDERS X\r", 1, "cause: it was not confirmed"),
        // The end of the input, and an interrupt.
        ("\u{4}", 1, "cause: it was not confirmed"),
        ("\u{3}", 130, ""),
        ("ORDERS\u{3}", 130, ""),
    ] {
        let mut terminal = Terminal::run(&rig, &["purge", "ORDERS"]);
        terminal.shows("This removes 3 messages");
        terminal.shows("Type the stream name to continue:");
        terminal.types(keys);
        let (ended, seen) = terminal.end();
        assert_eq!(ended, Some(code), "{keys:?} {seen}");
        assert!(seen.contains(said), "{keys:?} {seen}");
        assert_eq!(rig.held("ORDERS"), 3, "{keys:?}");
    }
    let mut terminal = Terminal::run(&rig, &["stream", "purge", "ORDERS"]);
    terminal.shows("Type the stream name to continue:");
    terminal.types("ORDERS\r");
    let (ended, seen) = terminal.end();
    assert_eq!(ended, Some(0), "{seen}");
    assert!(seen.contains("removed 3 messages from ORDERS"), "{seen}");
    assert_eq!(rig.held("ORDERS"), 0);
}
