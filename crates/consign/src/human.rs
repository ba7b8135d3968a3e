//! Numbers and texts as people read them, and as a terminal can bear them.

use std::fmt::Write as _;
use std::time::Duration;

use chrono::{DateTime, Utc};
use events_core::time::{Timestamp, now};

/// A size in IEC units: `611 B`, `1.0 KiB`.
#[expect(clippy::cast_precision_loss, reason = "one digit is shown")]
pub(crate) fn size(bytes: u64) -> String {
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut amount = bytes as f64 / 1024.0;
    let mut unit = "KiB";
    for next in ["MiB", "GiB", "TiB", "PiB", "EiB"] {
        // What would round to 1024.0 is one of the next unit.
        if amount < 1023.95 {
            break;
        }
        amount /= 1024.0;
        unit = next;
    }
    format!("{amount:.1} {unit}")
}

/// A count with its thousands apart: `1,204`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `count` of a thing, in the singular where it is one.
pub(crate) fn counted(number: u64, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {thing}{plural}", count(number))
}

/// A duration in its two largest units: `12s`, `3m12s`, `1d3h`.
pub(crate) fn age(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (large, small, each) = match seconds {
        0..60 => return format!("{seconds}s"),
        60..3600 => ("m", "s", 60),
        3600..86_400 => ("h", "m", 60),
        _ => ("d", "h", 24),
    };
    let in_small = match small {
        "s" => seconds,
        "m" => seconds / 60,
        _ => seconds / 3600,
    };
    match (in_small / each, in_small % each) {
        (whole, 0) => format!("{whole}{large}"),
        (whole, rest) => format!("{whole}{large}{rest}{small}"),
    }
}

/// A duration that is short: `0.4ms`, `12ms`, `1.2s`.
pub(crate) fn brief(duration: Duration) -> String {
    let millis = duration.as_secs_f64() * 1000.0;
    if millis >= 1000.0 {
        format!("{:.1}s", millis / 1000.0)
    } else if millis >= 10.0 {
        format!("{millis:.0}ms")
    } else {
        format!("{millis:.1}ms")
    }
}

/// How long ago an RFC 3339 timestamp was; `None` for what is none, or lies ahead.
pub(crate) fn since(timestamp: &str) -> Option<Duration> {
    let timestamp: Timestamp = timestamp.parse().ok()?;
    (now() - timestamp.instant()).to_std().ok()
}

/// A timestamp as a table has it: `2026-11-20 11:58:03`, in UTC.
pub(crate) fn clock(timestamp: &str) -> String {
    match timestamp.parse::<Timestamp>() {
        Ok(timestamp) => {
            let text = timestamp.to_zulu_seconds();
            text.trim_end_matches('Z').replacen('T', " ", 1)
        }
        Err(_) => safe(timestamp),
    }
}

/// An instant as a table has it, in UTC.
pub(crate) fn moment(instant: DateTime<Utc>) -> String {
    instant.format("%Y-%m-%d %H:%M:%S").to_string()
}

/// A text that came from elsewhere, on one line and with nothing in it that a terminal obeys or
/// hides.
pub(crate) fn safe(text: &str) -> String {
    escaped(text, |character, out| {
        out.extend(character.escape_unicode());
    })
}

/// JSON that means the same, with nothing in it that a terminal obeys or hides: such characters
/// stand within strings alone, where JSON has escapes for them.
pub(crate) fn safe_json(text: &str) -> String {
    escaped(text, |character, out| {
        for unit in character.encode_utf16(&mut [0; 2]) {
            // Writing to a String cannot fail.
            let _infallible = write!(out, "\\u{unit:04x}");
        }
    })
}

fn escaped(text: &str, escape: impl Fn(char, &mut String)) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() || is_hidden(character) {
            escape(character, &mut safe);
        } else {
            safe.push(character);
        }
    }
    safe
}

/// Characters that turn text around, or that nobody sees.
fn is_hidden(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{age, clock, count, safe, safe_json, size};

    #[test]
    fn sizes_counts_and_ages_read_well() {
        for (bytes, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1024 * 1024 - 1, "1.0 MiB"),
            (64_172_851, "61.2 MiB"),
            (u64::MAX, "16.0 EiB"),
        ] {
            assert_eq!(size(bytes), text);
        }
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1204, "1,204"),
            (1_000_000, "1,000,000"),
        ] {
            assert_eq!(count(number), text);
        }
        for (seconds, text) in [
            (0, "0s"),
            (59, "59s"),
            (60, "1m"),
            (192, "3m12s"),
            (11_520, "3h12m"),
            (97_200, "1d3h"),
            (30 * 86_400, "30d"),
        ] {
            assert_eq!(age(Duration::from_secs(seconds)), text);
        }
        assert_eq!(clock("2026-11-20T12:58:03+01:00"), "2026-11-20 11:58:03");
    }

    #[test]
    fn a_terminal_obeys_nothing_and_json_keeps_its_meaning() {
        let evil = "a\u{1b}[2J\u{9b}m\u{202e}b\n\u{200b}é";
        let shown = safe(evil);
        assert!(!shown.chars().any(char::is_control) && !shown.contains('\u{202e}'));
        assert!(shown.ends_with('é') && shown.contains("\\u{1b}"));
        let json = "{\"a\":\"\u{7f}\u{9b}\u{202e}\u{e0001}é\"}";
        let shown = safe_json(json);
        let read = |text| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(read(&shown), read(json));
        assert!(!shown.chars().any(char::is_control) && !shown.contains('\u{202e}'));
    }
}
