//! Has somebody at a terminal type what is to go.

use std::io::{self, BufRead, IsTerminal as _};

use supervisor::exit::{Exit, Failure};

use crate::output::Output;

/// Goes on once `wanted` was typed, which is a `thing`.
///
/// # Errors
/// There is no terminal, or something else was typed.
pub(crate) fn typed(
    what: &str,
    thing: &str,
    wanted: &str,
    output: &mut Output,
) -> Result<(), Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::new(Exit::Usage, format!("{what} unasked"))
            .because("standard input is no terminal, so nobody can confirm it")
            .try_next("the same with --yes, or with --dry-run first"));
    }
    output.note(&format!("Type the {thing} to continue:"));
    if is(wanted, io::stdin().lock()) {
        Ok(())
    } else {
        Err(Failure::new(Exit::Failed, what).because("it was not confirmed"))
    }
}

fn is(wanted: &str, from: impl BufRead) -> bool {
    let mut line = String::new();
    let read = from.take(LONGEST).read_line(&mut line).is_ok();
    read && !wanted.is_empty() && line.trim() == wanted
}

const LONGEST: u64 = 512;

#[cfg(test)]
mod tests {
    use super::is;

    #[test]
    fn only_the_name_itself_confirms() {
        for (typed, good) in [
            ("EVENTS\n", true),
            (" EVENTS ", true),
            ("events\n", false),
            ("y\n", false),
            ("EVENTS AUDIT\n", false),
            ("", false),
        ] {
            assert_eq!(is("EVENTS", typed.as_bytes()), good, "{typed}");
        }
        assert!(!is("", "\n".as_bytes()));
    }
}
