use supervisor::exit::Failure;

use crate::history::Item;
use crate::human::counted;
use crate::output::{Format, Output};
use crate::shown::{Lines, rendered};
use crate::template::Template;
use crate::writer::{Put, Writer};

/// Prints items: events' bytes as they are stored, lines for people, or positions.
#[derive(Debug)]
pub(super) struct Printer {
    format: Format,
    lines: Lines,
    writer: Option<Writer>,
    /// What is no event and cannot stand among events, by its place.
    left_out: Vec<String>,
    left_out_count: u64,
}

impl Printer {
    pub(super) fn new(output: &Output, template: Option<Template>) -> Self {
        Self {
            format: output.format(),
            lines: Lines::of_days(template),
            writer: Some(Writer::start(output, ROOM)),
            left_out: Vec::new(),
            left_out_count: 0,
        }
    }

    /// False where nobody reads on.
    pub(super) async fn take(&mut self, item: &Item) -> bool {
        let Some(line) = rendered(self.format, &mut self.lines, item, None) else {
            self.leave_out(item);
            return true;
        };
        match &self.writer {
            Some(writer) => writer.put(line).await == Put::Taken,
            None => false,
        }
    }

    /// How many were left out.
    pub(super) async fn finish(&mut self, output: &mut Output) -> Result<u64, Failure> {
        if let Some(writer) = self.writer.take() {
            writer.finish().await?;
        }
        if self.left_out_count > 0 {
            let named = self.left_out.join(", ");
            let more = if self.left_out_count > NAMED as u64 {
                ", …"
            } else {
                ""
            };
            output.note(&format!(
                "{} left out, which are no JSON on a line: {named}{more}",
                counted(self.left_out_count, "message")
            ));
        }
        Ok(self.left_out_count)
    }

    fn leave_out(&mut self, item: &Item) {
        self.left_out_count += 1;
        if self.left_out.len() < NAMED {
            let place = item.place.as_ref().map(ToString::to_string);
            self.left_out.push(place.unwrap_or_else(|| "?".to_owned()));
        }
    }
}

/// Lines in hand while the reader of ours is busy.
const ROOM: usize = 256;
/// How many of those left out are named.
const NAMED: usize = 5;
