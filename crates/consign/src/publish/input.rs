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
        let line = match one(&mut input) {
            Ok(None) => return,
            Ok(Some(line)) if line.is_empty() => continue,
            Ok(Some(line)) => Ok(line),
            Err(error) => Err(error),
        };
        // What is too long is over with its line; what cannot be read is over for good.
        let is_last = line
            .as_ref()
            .is_err_and(|error| error.kind() != io::ErrorKind::InvalidData);
        if lines.blocking_send((number, line)).is_err() || is_last {
            return;
        }
    }
}

/// The next line without white space at its end; `None` at the end of the input.
fn one(input: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    if input.take(LONGEST).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.len() as u64 == LONGEST && !line.ends_with(b"\n") {
        input.skip_until(b'\n')?;
        let words = "the line is far too long for an event";
        return Err(io::Error::new(io::ErrorKind::InvalidData, words));
    }
    line.truncate(line.trim_ascii_end().len());
    Ok(Some(line))
}

const AHEAD: usize = 256;
/// Longer than any event may be.
const LONGEST: u64 = 8 << 20;

#[cfg(test)]
mod tests {
    use super::{LONGEST, channel, read};

    #[test]
    fn a_line_that_is_far_too_long_is_one_line_alone() {
        let longest = usize::try_from(LONGEST).unwrap();
        for length in [longest - 1, longest, 2 * longest + 7] {
            let text = ["a\n\n", &"x".repeat(length), "\nb  \r\nc"].concat();
            let (sender, mut lines) = channel(8);
            read(text.as_bytes(), &sender);
            drop(sender);
            let mut heard = Vec::new();
            while let Ok((number, line)) = lines.try_recv() {
                heard.push((number, line.map(|line| line.len()).ok()));
            }
            let kept = (length < longest).then_some(length);
            let expected = [(1, Some(1)), (3, kept), (4, Some(1)), (5, Some(1))];
            assert_eq!(heard, expected, "{length}");
        }
    }
}
