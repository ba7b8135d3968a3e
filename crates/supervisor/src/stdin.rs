use std::error::Error as _;
use std::io::{self, BufRead};

use events_core::codec::{Limits, structured};
use events_core::{Event, SinkError};
use events_http::Observer as _;
use tokio::sync::mpsc;
use tracing::{error, info};

use crate::custody::Custody;
use crate::metrics::Metrics;

/// Reads events as NDJSON from standard input to its end: one structured event a line.
///
/// Lines that are no events, and events that are refused, are named in the log by their number;
/// empty lines are passed over. Returns how many were refused.
///
/// # Errors
/// Standard input cannot be read.
///
/// # Cancel safety
/// Dropping the future stops the reading; events that were handed on stay in custody.
pub(crate) async fn run(
    custody: &Custody,
    metrics: &Metrics,
    max_event_bytes: usize,
) -> io::Result<u64> {
    let (sender, mut lines) = mpsc::channel(BATCH);
    // Reading blocks, and a terminal or pipe may never end: the thread is left to itself.
    let reader = std::thread::Builder::new().name("stdin".to_owned());
    reader.spawn(move || read_lines(&mut io::stdin().lock(), max_event_bytes, &sender))?;
    let mut tally = Tally {
        metrics,
        stored: 0,
        refused: 0,
    };
    let mut batch = Vec::new();
    while lines.recv_many(&mut batch, BATCH).await > 0 {
        let mut numbers = Vec::new();
        let mut events = Vec::new();
        for line in batch.drain(..) {
            let Line { number, event } = line?;
            metrics.read_line();
            match event {
                Ok(event) => {
                    numbers.push(number);
                    events.push(event);
                }
                Err(error) => tally.refuse(number, &error),
            }
        }
        let results = custody.take(events).await;
        for (number, result) in numbers.into_iter().zip(results) {
            match result {
                Ok(_) => tally.stored += 1,
                Err(error) => tally.refuse(number, &error),
            }
        }
    }
    if tally.refused > NAMED {
        error!(
            lines = tally.refused - NAMED,
            "more lines were refused than are named here"
        );
    }
    info!(
        stored = tally.stored,
        refused = tally.refused,
        "standard input ended"
    );
    Ok(tally.refused)
}

/// What a line held.
struct Line {
    number: u64,
    event: Result<Event, SinkError>,
}

struct Tally<'a> {
    metrics: &'a Metrics,
    stored: u64,
    refused: u64,
}

impl Tally<'_> {
    fn refuse(&mut self, line: u64, error: &SinkError) {
        self.refused += 1;
        self.metrics.refused(error.kind());
        if self.refused > NAMED {
            return;
        }
        let reason = error.source().map(ToString::to_string).unwrap_or_default();
        error!(line, kind = %error.kind(), reason, "event refused");
    }
}

/// Sends every line that is not empty, until the end, a read error, or nobody listens any more.
fn read_lines(
    input: &mut impl BufRead,
    max_event_bytes: usize,
    lines: &mpsc::Sender<io::Result<Line>>,
) {
    let limits = Limits {
        event_bytes: max_event_bytes,
        ..Limits::UNLIMITED
    };
    let mut bytes = Vec::new();
    for number in 1.. {
        bytes.clear();
        let line = match read_line(input, max_event_bytes, &mut bytes) {
            Ok(false) => return,
            Ok(true) if bytes.trim_ascii().is_empty() => continue,
            Ok(true) => {
                let event = structured::decode(&bytes, limits)
                    .map_err(|error| SinkError::invalid(error.into_violations()));
                Ok(Line { number, event })
            }
            Err(error) => Err(error),
        };
        let over = line.is_err();
        if lines.blocking_send(line).is_err() || over {
            return;
        }
    }
}

/// Reads one line without its line break, keeping at most one byte more than `limit` of it, so
/// that an endless line costs no memory. False at the end of the input.
fn read_line(input: &mut impl BufRead, limit: usize, line: &mut Vec<u8>) -> io::Result<bool> {
    let mut seen = false;
    loop {
        let available = match input.fill_buf() {
            Ok(available) => available,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if available.is_empty() {
            return Ok(seen);
        }
        seen = true;
        let end = available.iter().position(|byte| *byte == b'\n');
        let part = available
            .get(..end.unwrap_or(available.len()))
            .unwrap_or_default();
        let room = (limit + 1).saturating_sub(line.len());
        line.extend(part.iter().take(room));
        let used = part.len() + usize::from(end.is_some());
        input.consume(used);
        if end.is_some() {
            return Ok(true);
        }
    }
}

const BATCH: usize = 256;

/// How many refused lines are named one by one; the rest is counted.
const NAMED: u64 = 1000;

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::read_line;

    #[test]
    fn lines_are_bounded_and_the_next_one_is_found() {
        let text = format!("{}\nshort\n\nlast", "x".repeat(100));
        let mut input = BufReader::with_capacity(7, text.as_bytes());
        let mut lines = Vec::new();
        let mut line = Vec::new();
        while read_line(&mut input, 10, &mut line).unwrap() {
            lines.push(String::from_utf8(std::mem::take(&mut line)).unwrap());
        }
        assert_eq!(lines, ["xxxxxxxxxxx", "short", "", "last"]);
    }
}
