//! Has somebody say that a thing is to go for good.

use std::io::{self, BufRead, IsTerminal as _};

use supervisor::exit::{Exit, Failure};

use crate::output::Output;

/// Has somebody at a terminal type `wanted`, which the prompt calls `thing`, before `what` is done,
/// such as "drop records".
///
/// # Errors
/// Where nobody can answer, and where something else is typed.
pub(crate) fn typed(
    wanted: &str,
    thing: &str,
    what: &str,
    output: &mut Output,
) -> Result<(), Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::new(Exit::Usage, format!("{what} unasked"))
            .because("standard input is no terminal, so nobody can confirm it")
            .try_next("the same with --yes, or with --dry-run first"));
    }
    output.insist(&format!("Type {thing} to continue:"));
    if is_typed(wanted, io::stdin().lock()) {
        Ok(())
    } else {
        Err(Failure::new(Exit::Failed, what).because("it was not confirmed"))
    }
}

/// A number may have its leading zeros, or not.
fn is_typed(wanted: &str, from: impl BufRead) -> bool {
    let mut line = String::new();
    let read = from.take(LONGEST).read_line(&mut line).is_ok();
    let typed = line.trim();
    let is_number = !wanted.is_empty() && wanted.bytes().all(|byte| byte.is_ascii_digit());
    let digits = |text: &str| text.trim_start_matches('0').to_owned();
    read && !typed.is_empty() && (typed == wanted || (is_number && digits(typed) == digits(wanted)))
}

const LONGEST: u64 = 512;

#[cfg(test)]
mod tests {
    use super::is_typed;

    #[test]
    fn only_the_word_itself_confirms() {
        for (wanted, typed, good) in [
            ("all", "all\n", true),
            ("all", "", false),
            ("all", "y\n", false),
            ("all", "ALL\n", false),
            ("7", "7\n", true),
            ("7", "00000000000000000007\n", true),
            ("7", "all\n", false),
            ("7", "77\n", false),
            ("0", "\n", false),
        ] {
            assert_eq!(is_typed(wanted, typed.as_bytes()), good, "{wanted} {typed}");
        }
    }
}
