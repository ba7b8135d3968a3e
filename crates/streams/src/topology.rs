use std::fmt;
use std::time::Duration;

use events_core::subject::{Route, Routes, SubjectPattern};
use thiserror::Error;

use crate::pattern::{covers, overlap};
use crate::{Class, StreamName, StreamSpec, file};

/// The streams that shall be there, none overlapping another.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Topology {
    streams: Vec<StreamSpec>,
}

/// All that is wrong with a declaration of streams.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("declare streams: {}", .0.join("; "))]
pub struct TopologyError(Vec<String>);

impl Topology {
    /// The built-in streams under `prefix`: `<PREFIX>_AUDIT`, `_EMBED`, `_EMBED_DLQ`, `_MCP`,
    /// `_MCPGW` and `_EVENTS`, one for each class of the built-in routes.
    ///
    /// Dots of the prefix become underscores in the names.
    ///
    /// # Errors
    /// The prefix makes no subject or no name.
    pub fn standard(prefix: &str) -> Result<Self, TopologyError> {
        let capitals = prefix.replace('.', "_").to_ascii_uppercase();
        let mut streams = Vec::new();
        for (suffix, class, subjects) in STANDARD {
            let name = format!("{capitals}_{suffix}").parse::<StreamName>();
            let subjects: Result<Vec<SubjectPattern>, _> = subjects
                .iter()
                .map(|subject| subject.replace("{prefix}", prefix).parse())
                .collect();
            let (Ok(name), Ok(subjects)) = (name, subjects) else {
                let what = "the prefix must be dot-separated tokens of A-Z, a-z, 0-9, _ and -";
                return Err(TopologyError::one(what.to_owned()));
            };
            let mut stream = StreamSpec::new(name, *class, subjects);
            if *suffix == "MCPGW" {
                stream.max_age = Some(Duration::from_secs(86_400));
            }
            streams.push(stream);
        }
        Ok(Self { streams })
    }

    /// The streams that a TOML text declares; its form is told in the crate's documentation.
    ///
    /// # Errors
    /// The first fault of the TOML, or everything that is wrong with what it says.
    pub fn from_toml(text: &str) -> Result<Self, TopologyError> {
        let streams = file::parse(text)?;
        Ok(Self { streams })
    }

    /// The streams that `routes` publish to.
    ///
    /// Where no declared stream captures a route's subjects, they are added to those of the first
    /// stream of the route's class: audit for types below `audit.`, events for all others.
    ///
    /// # Errors
    /// Each route whose subjects have no stream, and no stream of their class to go to.
    pub fn for_routes(&self, routes: &Routes) -> Result<Self, TopologyError> {
        let mut all = self.streams.clone();
        let mut used = vec![false; all.len()];
        let mut problems = Vec::new();
        for route in routes {
            let subjects = route.subjects();
            let captures = |own: &StreamSpec| {
                own.subjects
                    .iter()
                    .any(|own| covers(own.as_str(), subjects.as_str()))
            };
            let class = class(route);
            let at = all.iter().position(captures);
            let at = at.or_else(|| all.iter().position(|stream| stream.class == class));
            let found = at.and_then(|at| Some((all.get_mut(at)?, used.get_mut(at)?)));
            match found {
                Some((stream, used)) => {
                    *used = true;
                    if !captures(stream) {
                        let wider = |own: &SubjectPattern| !covers(subjects.as_str(), own.as_str());
                        stream.subjects.retain(wider);
                        stream.subjects.push(subjects);
                    }
                }
                None => problems.push(format!(
                    "no stream captures {subjects}, which the route {route} leads to; declare one"
                )),
            }
        }
        TopologyError::none_in(problems)?;
        let mut used = used.into_iter();
        all.retain(|_| used.next().unwrap_or_default());
        Ok(Self { streams: all })
    }

    /// The same with so many replicas at least of each stream that is not ephemeral.
    #[must_use]
    pub fn replicated(mut self, replicas: u8) -> Self {
        for stream in self.streams.iter_mut().filter(|own| !own.is_ephemeral()) {
            stream.replicas = stream.replicas.max(replicas);
        }
        self
    }

    /// The same with audit kept for `floor` at least.
    #[must_use]
    pub fn retaining_audit(mut self, floor: Duration) -> Self {
        for stream in &mut self.streams {
            if stream.class == Class::Audit {
                stream.max_age = stream.max_age.map(|age| age.max(floor));
            }
        }
        self
    }

    /// The streams, in the order they were declared.
    pub fn iter(&self) -> std::slice::Iter<'_, StreamSpec> {
        self.streams.iter()
    }

    /// The stream of this name.
    #[must_use]
    pub fn stream(&self, name: &str) -> Option<&StreamSpec> {
        self.iter().find(|stream| stream.name.as_str() == name)
    }

    /// The stream of events whose types lead nowhere else: the first of its class.
    #[must_use]
    pub fn main(&self) -> Option<&StreamSpec> {
        self.iter().find(|stream| stream.class == Class::Events)
    }

    /// The streams before `stream` that would capture some of what it shall capture.
    pub(crate) fn rivals<'a>(&'a self, stream: &'a StreamSpec) -> impl Iterator<Item = &'a str> {
        let earlier = self.iter().take_while(|other| other.name != stream.name);
        let in_the_way = |other: &&StreamSpec| overlapping(other, stream);
        earlier.filter(in_the_way).map(|other| other.name.as_str())
    }
}

impl<'a> IntoIterator for &'a Topology {
    type Item = &'a StreamSpec;
    type IntoIter = std::slice::Iter<'a, StreamSpec>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl TopologyError {
    pub(crate) fn one(problem: String) -> Self {
        Self(vec![problem])
    }

    /// `Err` with all that `problems` holds, `Ok` where it holds nothing.
    pub(crate) fn none_in(problems: Vec<String>) -> Result<(), Self> {
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Self(problems))
        }
    }

    /// What is wrong, each on its own.
    pub fn iter(&self) -> impl Iterator<Item = &str> + fmt::Debug {
        self.0.iter().map(String::as_str)
    }
}

/// Whether two streams could not be on one server.
pub(crate) fn overlapping(one: &StreamSpec, other: &StreamSpec) -> bool {
    let other = &other.subjects;
    one.subjects.iter().any(|one| {
        other
            .iter()
            .any(|other| overlap(one.as_str(), other.as_str()))
    })
}

/// The class of a route's events.
fn class(route: &Route) -> Class {
    if covers("audit.>", route.types().as_str()) {
        Class::Audit
    } else {
        Class::Events
    }
}

/// The end of the name, the class and the subjects of the built-in streams. Requests and results
/// are named one by one, so that the dead letters beside them have a stream of their own.
const STANDARD: &[(&str, Class, &[&str])] = &[
    ("AUDIT", Class::Audit, &["{prefix}.audit.>"]),
    (
        "EMBED",
        Class::Work,
        &[
            "{prefix}.embed.requests",
            "{prefix}.embed.requests.>",
            "{prefix}.embed.results",
            "{prefix}.embed.results.>",
        ],
    ),
    ("EMBED_DLQ", Class::Other, &["{prefix}.embed.dlq"]),
    ("MCP", Class::Ephemeral, &["{prefix}.mcp.>"]),
    ("MCPGW", Class::Other, &["mcpgw.>"]),
    ("EVENTS", Class::Events, &["{prefix}.events.>"]),
];
