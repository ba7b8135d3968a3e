use std::time::Duration;

use events_core::subject::SubjectPattern;
use events_core::time::now;
use serde_json::{Value, json};
use streams::look::{self, StreamInfo};
use streams::{State, StreamReport, StreamSpec, StreamsError};
use supervisor::Reached;

use super::{NO_LEADER, in_words};
use crate::human::{age, count, size};
use crate::table::{Column, Table};

/// Every stream that there should be or is: those of the settings first, in their order.
#[derive(Debug)]
pub(crate) struct Survey {
    pub(crate) rows: Vec<Row>,
    /// What could not be asked, in words.
    pub(crate) unasked: Vec<String>,
}

/// One stream.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: String,
    /// What it should be, where the settings want it.
    pub(crate) spec: Option<StreamSpec>,
    /// What it is, where it is.
    pub(crate) info: Option<StreamInfo>,
    /// What was found of it, where the settings want it.
    pub(crate) report: Option<StreamReport>,
    /// Whether it is there and has no leader to ask.
    pub(crate) silent: bool,
}

impl Survey {
    /// Asks the broker for all of it.
    ///
    /// # Errors
    /// The broker does not answer, or has no JetStream.
    pub(crate) async fn of(broker: &Reached) -> Result<Self, StreamsError> {
        let js = &broker.jetstream;
        let mut unasked = Vec::new();
        let listing = match look::streams(js).await {
            Ok(listing) => listing,
            // A login that may look at its own streams alone is not answered.
            Err(StreamsError::TimedOut { .. }) => {
                unasked.push(
                    "this login may not list streams: those of the settings alone are shown"
                        .to_owned(),
                );
                declared(broker).await?
            }
            Err(error) => return Err(error),
        };
        let (mut there, silent) = (listing.items, listing.silent);
        let judged = streams::inspect(js, &broker.topology, &broker.policy).await;
        let mut reports = match judged {
            Ok(reports) => reports,
            // One that is not answered for keeps the others from being judged, not from being told.
            Err(error) if !silent.is_empty() && error.is_transient() => {
                unasked.push(format!("not judged: {}", in_words(&error)));
                Vec::new()
            }
            Err(error) => return Err(error),
        }
        .into_iter();
        let mut rows = Vec::new();
        for spec in &broker.topology {
            let name = spec.name.as_str();
            let at = there.iter().position(|info| info.name() == name);
            rows.push(Row {
                name: name.to_owned(),
                spec: Some(spec.clone()),
                info: at.map(|at| there.remove(at)),
                report: reports.next(),
                silent: silent.iter().any(|silent| silent == name),
            });
        }
        let known = |name: &String| broker.topology.stream(name).is_some();
        rows.extend(there.into_iter().map(|info| Row::foreign(Some(info))));
        for name in silent.iter().filter(|name| !known(name)) {
            let row = Row::foreign(None);
            rows.push(Row {
                name: name.clone(),
                silent: true,
                ..row
            });
        }
        Ok(Self { rows, unasked })
    }

    /// Only what captures anything of `pattern`, or should.
    pub(crate) fn only(mut self, pattern: &SubjectPattern) -> Self {
        self.rows.retain(|row| row.takes_any_of(pattern));
        self
    }

    /// The table of the mock-ups.
    pub(crate) fn table(&self) -> Table {
        let mut table = Table::new(&[
            Column::Text("STREAM"),
            Column::Text("SUBJECTS"),
            Column::Text("RETENTION"),
            Column::Number("MSGS"),
            Column::Number("SIZE"),
            Column::Number("LAST"),
            Column::Number("CONSUMERS"),
            Column::Text("HEALTH"),
        ]);
        for row in &self.rows {
            table.row(&row.cells());
        }
        table
    }

    /// The rows as a document has them.
    pub(crate) fn items(&self) -> Vec<Value> {
        self.rows.iter().map(Row::to_json).collect()
    }
}

impl Row {
    fn foreign(info: Option<StreamInfo>) -> Self {
        Self {
            name: info.as_ref().map_or("", StreamInfo::name).to_owned(),
            spec: None,
            info,
            report: None,
            silent: false,
        }
    }

    /// Its state in a word.
    pub(crate) fn state(&self) -> &'static str {
        match &self.report {
            _ if self.silent => "silent",
            None if self.spec.is_some() => "unjudged",
            None => "undeclared",
            Some(report) => match report.state {
                State::Ok => "ok",
                State::Missing => "missing",
                State::Warn => "warn",
            },
        }
    }

    /// Whether somebody has to look at it.
    pub(crate) fn is_ill(&self) -> bool {
        matches!(self.state(), "silent" | "missing" | "warn")
    }

    /// Its state, and what was found, as a table has it: a word stands out without colour.
    pub(crate) fn health(&self) -> String {
        let found = self.report.iter().flat_map(|report| &report.findings);
        let found = found.filter(|finding| finding.severity > streams::Severity::Note);
        let codes: Vec<&str> = found.map(|finding| finding.code.as_str()).collect();
        match self.state() {
            "silent" => NO_LEADER.to_owned(),
            "unjudged" => "not judged".to_owned(),
            "missing" => "MISSING".to_owned(),
            "warn" if self.breaks() => format!("FAIL {}", codes.join(" ")),
            "warn" => format!("WARN {}", codes.join(" ")),
            "ok" => "ok".to_owned(),
            _ => "not declared".to_owned(),
        }
    }

    /// Whether a guarantee does not hold.
    fn breaks(&self) -> bool {
        let mut found = self.report.iter().flat_map(|report| &report.findings);
        found.any(|finding| finding.severity == streams::Severity::Breaks)
    }

    fn takes_any_of(&self, pattern: &SubjectPattern) -> bool {
        let wanted = self
            .spec
            .as_ref()
            .is_some_and(|spec| spec.takes_any_of(pattern));
        wanted
            || self
                .info
                .as_ref()
                .is_some_and(|info| info.takes_any_of(pattern))
    }

    /// What it captures; what it should capture, where it is not there.
    fn subjects(&self) -> Vec<String> {
        match (&self.info, &self.spec) {
            (Some(info), _) => info.subjects().to_vec(),
            (None, Some(spec)) => spec.subjects.iter().map(ToString::to_string).collect(),
            (None, None) => Vec::new(),
        }
    }

    fn cells(&self) -> [String; 8] {
        let none = || "—".to_owned();
        let of = |tell: &dyn Fn(&StreamInfo) -> String| self.info.as_ref().map_or_else(none, tell);
        [
            self.name.clone(),
            self.subjects().join(" "),
            of(&StreamInfo::keeping),
            of(&|info| count(info.contents.messages)),
            of(&|info| size(info.contents.bytes)),
            of(&|info| last(info).map_or_else(none, age)),
            of(&|info| count(info.contents.consumers)),
            self.health(),
        ]
    }

    pub(crate) fn to_json(&self) -> Value {
        let contents = self.info.as_ref().map(|info| &info.contents);
        json!({
            "name": self.name,
            "declared": self.spec.is_some(),
            "state": self.state(),
            "subjects": self.subjects(),
            "retention": self.info.as_ref().map(StreamInfo::retention),
            "storage": self.info.as_ref().map(StreamInfo::storage),
            "max_age_s": self.info.as_ref().and_then(StreamInfo::max_age).map(|age| age.as_secs()),
            "messages": contents.map(|held| held.messages),
            "bytes": contents.map(|held| held.bytes),
            "first_sequence": contents.map(|held| held.first_sequence),
            "last_sequence": contents.map(|held| held.last_sequence),
            "first_time": contents.and_then(|held| held.first_time()),
            "last_time": contents.and_then(|held| held.last_time()),
            "consumers": contents.map(|held| held.consumers),
            "findings": self.report.as_ref().map_or(&[][..], |report| &report.findings),
        })
    }
}

/// How long ago a message was stored last, by the server's clock where it tells.
fn last(info: &StreamInfo) -> Option<Duration> {
    let last = info.contents.last_time()?;
    let now = info.told_at.unwrap_or_else(now);
    Some((now - last).to_std().unwrap_or_default())
}

/// The streams of the settings, asked one by one.
async fn declared(broker: &Reached) -> Result<look::Listing<StreamInfo>, StreamsError> {
    let mut listing = look::Listing {
        items: Vec::new(),
        silent: Vec::new(),
    };
    for spec in &broker.topology {
        listing
            .items
            .extend(look::stream(&broker.jetstream, &spec.name).await?);
    }
    Ok(listing)
}
