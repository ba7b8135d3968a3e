//! `consign` at a terminal, where somebody types.

use std::io::{Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use async_nats::jetstream::stream::Config;

use crate::rig::{Rig, bare, ok};

/// A command at a real terminal, made by `script`.
pub(crate) struct Terminal {
    child: Child,
    keys: ChildStdin,
    screen: Receiver<Vec<u8>>,
    seen: String,
}

impl Terminal {
    /// Runs a line of the shell's, with these variables alone.
    pub(crate) fn of(line: &str, variables: &[(&str, &str)]) -> Self {
        // With the exit code of the command, and nothing of its own.
        let mut command = Command::new("script");
        command.args(["-qefc", line, "/dev/null"]).env_clear();
        command
            .env("SHELL", "/bin/sh")
            .envs(variables.iter().copied());
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = piped.spawn().unwrap();
        Self {
            keys: child.stdin.take().unwrap(),
            screen: watched(child.stdout.take().unwrap()),
            child,
            seen: String::new(),
        }
    }

    /// Runs `consign` with the rig's broker.
    fn consign(rig: &Rig, arguments: &[&str]) -> Self {
        let url = rig.server.url();
        let consign = bare(&[arguments, &["--server", &url]].concat());
        let words = [consign.get_program()]
            .into_iter()
            .chain(consign.get_args());
        let quoted = words.map(|word| format!("'{}'", word.to_str().unwrap()));
        Self::of(&quoted.collect::<Vec<_>>().join(" "), &[])
    }

    /// Waits until the screen shows it.
    pub(crate) fn shows(&mut self, text: &str) {
        while !self.seen.contains(text) {
            let more = self.screen.recv_timeout(PATIENCE);
            let more = more.unwrap_or_else(|_| panic!("{text} is never shown: {}", self.seen));
            self.seen.push_str(&String::from_utf8_lossy(&more));
        }
    }

    /// What was to be seen until now does not count any more.
    pub(crate) fn forgets(&mut self) {
        self.seen.clear();
    }

    pub(crate) fn types(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    /// The exit code, and all that was to be seen.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        while let Ok(more) = self.screen.recv_timeout(PATIENCE) {
            self.seen.push_str(&String::from_utf8_lossy(&more));
        }
        let code = self.child.wait().unwrap().code();
        (code, std::mem::take(&mut self.seen))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ended_by_itself = self.child.kill();
    }
}

/// What comes, bit by bit.
fn watched(mut screen: ChildStdout) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut bytes = [0; 256];
        while let Ok(read) = screen.read(&mut bytes) {
            let more = bytes.get(..read).unwrap_or_default().to_vec();
            if more.is_empty() || sender.send(more).is_err() {
                return;
            }
        }
    });
    receiver
}

/// Longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(20);

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
        let mut terminal = Terminal::consign(&rig, &["purge", "ORDERS"]);
        terminal.shows("This removes 3 messages");
        terminal.shows("Type the stream name to continue:");
        terminal.types(keys);
        let (ended, seen) = terminal.end();
        assert_eq!(ended, Some(code), "{keys:?} {seen}");
        assert!(seen.contains(said), "{keys:?} {seen}");
        assert_eq!(rig.held("ORDERS"), 3, "{keys:?}");
    }
    let mut terminal = Terminal::consign(&rig, &["stream", "purge", "ORDERS"]);
    terminal.shows("Type the stream name to continue:");
    terminal.types("ORDERS\r");
    let (ended, seen) = terminal.end();
    assert_eq!(ended, Some(0), "{seen}");
    assert!(seen.contains("removed 3 messages from ORDERS"), "{seen}");
    assert_eq!(rig.held("ORDERS"), 0);
}

#[test]
fn work_that_takes_more_than_a_second_says_how_far_it_is() {
    let rig = Rig::with_streams();
    for id in ["1", "2", "3", "4"] {
        ok(&rig.consign(&["pub", "consign.events.acme.a", "{}", "--id", id]));
    }
    let again = ["--all", "--to", "consign.audit.again", "--rate", "2"];
    let replay = [&["replay", "--stream", "CONSIGN_EVENTS"], &again[..]].concat();
    let mut terminal = Terminal::consign(&rig, &replay);
    terminal.shows("replaying ");
    assert_eq!(terminal.end().0, Some(0));
    let program = env!("CARGO_BIN_EXE_consign");
    std::fs::write(rig.keys(), r#"{"keys":[]}"#).unwrap();
    let verify = format!("verify - --keys {}", rig.keys().display());
    for (command, told) in [
        ("event validate", "validating 1"),
        (verify.as_str(), "verifying 1"),
    ] {
        // A slow source is slow work too.
        let line = format!("(sleep 1.2; echo '{{}}'; echo '{{}}') | {program} {command}");
        let mut terminal = Terminal::of(&line, &[("PATH", "/usr/bin:/bin")]);
        terminal.shows(told);
        assert_eq!(terminal.end().0, Some(3), "{command}");
    }
}
