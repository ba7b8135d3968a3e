//! Standard input, line by line, read ahead on a thread of its own.

use std::io::{self, BufRead, Read as _};

use tokio::sync::mpsc::{Receiver, Sender, channel};

/// A line with its number, counted from 1.
pub(super) type Numbered = (u64, io::Result<Vec<u8>>);

pub(super) fn lines() -> Receiver<Numbered> {
    let (sender, lines) = channel(AHEAD);
    std::thread::spawn(move || read(io::stdin().lock(), &sender));
    lines
}

fn read(mut input: impl BufRead, lines: &Sender<Numbered>) {
    for number in 1.. {
        let mut line = Vec::new();
        let read = input.by_ref().take(LONGEST).read_until(b'\n', &mut line);
        let sent = match read {
            Ok(0) => return,
            Ok(_) if line.len() as u64 == LONGEST => {
                let error = io::Error::new(io::ErrorKind::InvalidData, "it is far too long");
                // What follows is the middle of a line.
                let _nobody_waits = lines.blocking_send((number, Err(error)));
                return;
            }
            Ok(_) if line.trim_ascii().is_empty() => continue,
            Ok(_) => {
                line.truncate(line.trim_ascii_end().len());
                lines.blocking_send((number, Ok(line)))
            }
            Err(error) => {
                let _nobody_waits = lines.blocking_send((number, Err(error)));
                return;
            }
        };
        if sent.is_err() {
            return;
        }
    }
}

const AHEAD: usize = 256;
/// Longer than any event may be.
const LONGEST: u64 = 8 << 20;
