//! Streams declared in TOML.

use std::time::Duration;

use events_core::subject::SubjectPattern;
use toml::{Table, Value};

use crate::setting::Word;
use crate::text::{amount, parse_bytes};
use crate::topology::overlapping;
use crate::{Class, Retention, StreamName, StreamSpec, TopologyError};

/// Reads the text of a file.
///
/// # Errors
/// The first fault of the TOML, or everything that is wrong with what it says.
pub(crate) fn parse(text: &str) -> Result<Vec<StreamSpec>, TopologyError> {
    let table: Table = text
        .parse()
        .map_err(|error| TopologyError::one(syntax(text, &error)))?;
    let mut reader = Reader::default();
    let streams = reader.streams(&table);
    TopologyError::none_in(reader.problems)?;
    Ok(streams)
}

/// Reads tables and collects what is wrong with them.
#[derive(Default)]
struct Reader {
    problems: Vec<String>,
}

impl Reader {
    fn streams(&mut self, file: &Table) -> Vec<StreamSpec> {
        for key in file.keys().filter(|key| *key != "stream") {
            self.report(
                "the file",
                format!("has no key {key}, only tables [[stream]]"),
            );
        }
        let mut streams: Vec<StreamSpec> = Vec::new();
        let entries = match file.get("stream") {
            Some(Value::Array(entries)) if !entries.is_empty() => entries.as_slice(),
            _ => {
                self.report("the file", "must have a table [[stream]] for each stream");
                &[]
            }
        };
        for (index, entry) in entries.iter().enumerate() {
            let at = format!("stream {}", index + 1);
            let Value::Table(entry) = entry else {
                self.report(&at, "must be a table");
                continue;
            };
            let Some(stream) = self.stream(entry, at) else {
                continue;
            };
            for other in &streams {
                if other.name == stream.name {
                    self.report(stream.name.as_str(), "stands there twice");
                } else if overlapping(other, &stream) {
                    let what = format!("subjects overlap those of {}", other.name);
                    self.report(stream.name.as_str(), what);
                }
            }
            streams.push(stream);
        }
        streams
    }

    fn stream(&mut self, entry: &Table, place: String) -> Option<StreamSpec> {
        let name = entry.get("name").and_then(Value::as_str);
        let at = name.map_or(place, str::to_owned);
        for key in entry.keys().filter(|key| !KEYS.contains(&key.as_str())) {
            self.report(
                &at,
                format!("has no key {key}; there are {}", KEYS.join(", ")),
            );
        }
        let name = name.and_then(|name| name.parse::<StreamName>().ok());
        if name.is_none() {
            self.report(&at, "name must be 1 to 255 of A-Z, a-z, 0-9, _ and -");
        }
        let mut class = Class::Other;
        self.word(entry, &at, "class", &mut class);
        let subjects = self.subjects(entry, &at);
        // Without a good name the rest is read all the same, for its faults.
        let known = name.is_some();
        let name = name.or_else(|| "X".parse().ok())?;
        let mut stream = StreamSpec::new(name, class, subjects);
        self.settings(entry, &at, &mut stream);
        known.then_some(stream)
    }

    fn settings(&mut self, entry: &Table, at: &str, stream: &mut StreamSpec) {
        self.word(entry, at, "retention", &mut stream.retention);
        self.word(entry, at, "storage", &mut stream.storage);
        self.word(entry, at, "discard", &mut stream.discard);
        self.age(entry, at, &mut stream.max_age);
        self.amount(entry, at, "max_bytes", &mut stream.max_bytes);
        self.amount(entry, at, "max_messages", &mut stream.max_messages);
        self.amount(entry, at, "max_message_size", &mut stream.max_message_size);
        self.flag(entry, at, "deny_delete", &mut stream.deny_delete);
        self.flag(entry, at, "deny_purge", &mut stream.deny_purge);
        match entry.get("replicas").map(Value::as_integer) {
            None => {}
            Some(Some(replicas @ 1..=5)) => {
                stream.replicas = u8::try_from(replicas).unwrap_or(stream.replicas);
            }
            Some(_) => self.report(at, "replicas must be a number from 1 to 5"),
        }
        if let Some(window) = self.duration(entry, at, "duplicate_window") {
            stream.duplicate_window = window;
        } else if let Some(age) = stream.max_age {
            stream.duplicate_window = stream.duplicate_window.min(age);
        }
        if stream
            .max_age
            .is_some_and(|age| age < stream.duplicate_window)
        {
            self.report(at, "duplicate_window must not be longer than max_age");
        }
        if stream.class == Class::Audit && stream.retention != Retention::Limits {
            let what = "retention must be limits: audit is not kept until somebody has read it, but as long as it must be";
            self.report(at, what);
        }
    }

    fn subjects(&mut self, entry: &Table, at: &str) -> Vec<SubjectPattern> {
        let mut subjects = Vec::new();
        let listed = entry.get("subjects").and_then(Value::as_array);
        for subject in listed.into_iter().flatten() {
            match subject.as_str().map(str::parse::<SubjectPattern>) {
                Some(Ok(pattern)) => subjects.push(pattern),
                _ => self.report(at, format!("subjects: {subject} is no pattern; use dot-separated tokens of A-Z, a-z, 0-9, _ and -, * for one, a last > for the rest")),
            }
        }
        if listed.is_none_or(Vec::is_empty) {
            self.report(at, "subjects must be a list of one pattern at least");
        }
        subjects
    }

    fn word<W: Word>(&mut self, entry: &Table, at: &str, key: &str, word: &mut W) {
        match entry
            .get(key)
            .map(|value| value.as_str().and_then(W::from_word))
        {
            None => {}
            Some(Some(known)) => *word = known,
            Some(None) => self.report(at, format!("{key} must be one of {}", W::words())),
        }
    }

    fn flag(&mut self, entry: &Table, at: &str, key: &str, flag: &mut bool) {
        match entry.get(key).map(Value::as_bool) {
            None => {}
            Some(Some(given)) => *flag = given,
            Some(None) => self.report(at, format!("{key} must be true or false")),
        }
    }

    fn age(&mut self, entry: &Table, at: &str, age: &mut Option<Duration>) {
        if entry.get("max_age").and_then(Value::as_str) == Some(amount(None).as_str()) {
            *age = None;
        } else if let Some(given) = self.duration(entry, at, "max_age") {
            *age = Some(given);
        }
    }

    fn duration(&mut self, entry: &Table, at: &str, key: &str) -> Option<Duration> {
        let value = entry.get(key)?;
        let given = value.as_str().map(humantime::parse_duration);
        match given {
            Some(Ok(given)) if given >= SHORTEST && given <= LONGEST => Some(given),
            _ => {
                self.report(
                    at,
                    format!("{key} must be a duration such as 90d, 72h or 5m"),
                );
                None
            }
        }
    }

    fn amount(&mut self, entry: &Table, at: &str, key: &str, into: &mut Option<u64>) {
        let given = match entry.get(key) {
            None => return,
            Some(Value::String(text)) => parse_bytes(text),
            Some(value) => value
                .as_integer()
                .and_then(|given| u64::try_from(given).ok()),
        };
        match given.filter(|given| *given > 0) {
            Some(given) => *into = Some(given),
            None => self.report(
                at,
                format!("{key} must be a number above 0, such as 10GiB or 1000000"),
            ),
        }
    }

    fn report(&mut self, at: &str, what: impl AsRef<str>) {
        self.problems.push(format!("{at}: {}", what.as_ref()));
    }
}

/// What is wrong with the TOML itself, and on which line.
fn syntax(text: &str, error: &toml::de::Error) -> String {
    let at = error.span().map_or(0, |span| span.start);
    let before = text.bytes().take(at);
    let line = 1 + before.filter(|byte| *byte == b'\n').count();
    format!("not valid TOML on line {line}: {}", error.message())
}

const KEYS: [&str; 14] = [
    "name",
    "class",
    "subjects",
    "retention",
    "storage",
    "discard",
    "max_age",
    "max_bytes",
    "max_messages",
    "max_message_size",
    "duplicate_window",
    "replicas",
    "deny_delete",
    "deny_purge",
];

/// What the server takes for an age, other than none.
const SHORTEST: Duration = Duration::from_millis(100);
/// What fits its nanoseconds.
const LONGEST: Duration = Duration::from_secs(9_000_000_000);
