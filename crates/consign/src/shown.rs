//! An event on a line, for people.

use chrono::SecondsFormat;
use events_core::json::JsonText;
use sink_sign::Verdict;

use crate::history::{Body, Item};
use crate::human::{safe, size};
use crate::output::Format;
use crate::template::Template;
use crate::writer::Line;

/// Columns that grow with what they hold, for lines that are printed as they come.
#[derive(Debug)]
pub(crate) struct Lines {
    widths: [usize; 4],
    day: bool,
    template: Option<Template>,
}

impl Lines {
    /// With the day before the time of day. Events go by the template, where there is one.
    pub(crate) const fn of_days(template: Option<Template>) -> Self {
        Self {
            widths: [24, 24, 12, 12],
            day: true,
            template,
        }
    }

    /// With the time of day alone. Events go by the template, where there is one.
    pub(crate) const fn of_today(template: Option<Template>) -> Self {
        Self {
            widths: [24, 24, 12, 12],
            day: false,
            template,
        }
    }

    /// Time, subject, type, source, id, and what is thought of the signature.
    pub(crate) fn line(&mut self, item: &Item, judged: Option<&str>) -> String {
        let mut line = match (&self.template, item.event()) {
            (Some(template), Some(event)) => template.render(event.bytes()),
            _ => self.columns(item),
        };
        if let Some(judged) = judged {
            line.push_str("  ");
            line.push_str(judged);
        }
        line
    }

    fn columns(&mut self, item: &Item) -> String {
        let time = item.time().map_or_else(String::new, |time| {
            let text = time.to_rfc3339_opts(SecondsFormat::Millis, true);
            let text = text.trim_end_matches('Z').replacen('T', " ", 1);
            match text.split_once(' ') {
                Some((_, clock)) if !self.day => clock.to_owned(),
                _ => text,
            }
        });
        let subject = item.subject.as_deref().unwrap_or("-").to_owned();
        let cells = match &item.body {
            Body::Event(sealed) => {
                let event = sealed.event.attributes();
                [
                    subject,
                    event.kind().as_str().to_owned(),
                    event.source().as_str().to_owned(),
                    event.id().as_str().to_owned(),
                ]
            }
            Body::Other(bytes) => {
                let length = size(bytes.len() as u64);
                let start = bytes.get(..bytes.len().min(PREVIEW)).unwrap_or_default();
                let start = String::from_utf8_lossy(start).into_owned();
                [subject, "no event".to_owned(), length, start]
            }
        };
        let mut line = time;
        for (cell, width) in cells.iter().zip(&mut self.widths) {
            let cell = safe(cell);
            let length = cell.chars().count();
            *width = (*width).max(length.min(WIDEST));
            line.push_str("  ");
            line.push_str(&cell);
            line.extend(std::iter::repeat_n(' ', width.saturating_sub(length)));
        }
        line.truncate(line.trim_end().len());
        line
    }
}

/// An item as a format has it: the bytes as they are stored, a line for people, or its place.
/// `None` for what is no JSON on a line where events are printed.
pub(crate) fn rendered(
    format: Format,
    lines: &mut Lines,
    item: &Item,
    judged: Option<&str>,
) -> Option<Line> {
    Some(match format {
        Format::Json => match &item.body {
            Body::Event(sealed) => Line::Event(sealed.event.bytes().clone()),
            Body::Other(bytes) if is_a_line(bytes) => Line::Event(bytes.clone()),
            Body::Other(_) => return None,
        },
        Format::Name => match (&item.place, item.event()) {
            (Some(place), _) => Line::Text(safe(&place.to_string())),
            (None, Some(event)) => Line::Text(safe(event.attributes().id().as_str())),
            (None, None) => Line::Text(item.subject.as_deref().map(safe).unwrap_or_default()),
        },
        _ => Line::Text(lines.line(item, judged)),
    })
}

/// Whether it can stand among events, one a line.
fn is_a_line(bytes: &[u8]) -> bool {
    !bytes.iter().any(|byte| matches!(byte, b'\n' | b'\r')) && JsonText::from_bytes(bytes).is_ok()
}

/// A verdict in a word or two that say it without colour.
pub(crate) fn verdict(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Verified { key_id } => {
            let short: String = key_id.as_str().chars().take(KEY).collect();
            format!("verified k={}", safe(&short))
        }
        Verdict::Unsigned => "UNSIGNED".to_owned(),
        Verdict::Altered(alteration) => format!("FAIL altered: {alteration}"),
        Verdict::UnknownKey => "FAIL unknown key".to_owned(),
        Verdict::ExpiredKey { .. } => "FAIL expired key".to_owned(),
    }
}

/// How wide a column grows; what is longer is printed all the same.
const WIDEST: usize = 60;
/// How much is shown of what is no event.
const PREVIEW: usize = 60;
/// How much is shown of a key's id.
const KEY: usize = 8;
