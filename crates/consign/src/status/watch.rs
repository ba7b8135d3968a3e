use std::io::{self, IsTerminal as _};
use std::time::Duration;

use events_core::time::now;
use supervisor::exit::{Exit, Failure};
use tokio::signal;
use tokio::time::sleep;

use super::Asking;
use crate::human::moment;
use crate::output::{Format, Output};

/// Looks again and again: a terminal is painted anew, elsewhere a block follows another. Nobody
/// there is no end of it.
pub(super) async fn run(
    asking: &mut Asking<'_>,
    interval: Duration,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let mut stop = std::pin::pin!(signal::ctrl_c());
    let mut first = true;
    loop {
        let seen = tokio::select! {
            _ = &mut stop => return Ok(Exit::Interrupted),
            seen = asking.look() => seen,
        };
        if output.format() == Format::Table {
            if io::stdout().is_terminal() {
                output.bytes(CLEAR)?;
            } else if !first {
                output.line("")?;
            }
            output.line(&format!("AT        {}", moment(now())))?;
        }
        first = false;
        let exit = seen.tell(output)?;
        if let Err(failure) = &seen.supervisor
            && exit == failure.exit()
        {
            output.note(&failure.to_string());
        }
        asking.keep(seen);
        tokio::select! {
            _ = &mut stop => return Ok(Exit::Interrupted),
            () = sleep(interval) => {}
        }
    }
}

/// Home, and nothing below.
const CLEAR: &[u8] = b"\x1b[H\x1b[2J";
