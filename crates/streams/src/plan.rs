use std::fmt;

use async_nats::jetstream::Context;
use events_core::subject::SubjectPattern;
use serde::Serialize;

use crate::diff::{Comparison, Refusal, compare};
use crate::live::Live;
use crate::pattern::is_reserved;
use crate::{StreamName, StreamSpec, StreamsError, Topology, api};

/// What would make the server's streams those of a topology.
///
/// Displays as a line a step, and serialises as a list of steps.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct Plan {
    steps: Vec<Step>,
    #[serde(skip)]
    topology: Topology,
}

/// One thing to do, to leave alone, or not to do.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "step", rename_all = "lowercase")]
#[non_exhaustive]
pub enum Step {
    /// The stream is missing.
    Create {
        /// The stream.
        stream: StreamName,
        /// What is made.
        config: Box<StreamSpec>,
    },
    /// Settings change; no message is lost and nothing kept less well by it.
    Update {
        /// The stream.
        stream: StreamName,
        /// The settings.
        changes: Vec<Change>,
    },
    /// This setting stays, because the server cannot change it or messages would be lost.
    Refuse {
        /// The stream.
        stream: StreamName,
        /// What will not be done.
        change: Change,
        /// Why.
        why: String,
        /// What the operator can do.
        remedy: String,
    },
    /// Nothing is to be done.
    Keep {
        /// The stream.
        stream: StreamName,
    },
}

/// A setting that differs, both values as an operator writes them.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Change {
    /// The setting as the server calls it.
    pub field: &'static str,
    /// What it is.
    pub from: String,
    /// What the topology says.
    pub to: String,
}

/// Compares the server's streams with `topology`. Changes nothing; safe to cancel.
///
/// # Errors
/// The server does not answer, or has no JetStream.
pub async fn plan(js: &Context, topology: &Topology) -> Result<Plan, StreamsError> {
    let mut steps = Vec::new();
    for spec in topology {
        steps.extend(steps_for(js, topology, spec).await?);
    }
    Ok(Plan {
        steps,
        topology: topology.clone(),
    })
}

impl Plan {
    /// The steps, stream by stream in the topology's order.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Whether applying it would change nothing.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        let still = |step: &Step| matches!(step, Step::Keep { .. } | Step::Refuse { .. });
        self.steps.iter().all(still)
    }

    pub(crate) fn spec(&self, stream: &StreamName) -> Option<&StreamSpec> {
        self.topology.stream(stream.as_str())
    }
}

impl Step {
    /// The stream it is about.
    #[must_use]
    pub fn stream(&self) -> &StreamName {
        match self {
            Self::Create { stream, .. }
            | Self::Update { stream, .. }
            | Self::Refuse { stream, .. }
            | Self::Keep { stream } => stream,
        }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.steps {
            writeln!(f, "{step}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Create { config, .. } => write!(f, "create {config}"),
            Self::Update { stream, changes } => {
                let changes: Vec<String> = changes.iter().map(Change::to_string).collect();
                write!(f, "update {stream}: {}", changes.join("; "))
            }
            Self::Refuse {
                stream,
                change,
                why,
                remedy,
            } => write!(f, "refuse {stream}: {change}: {why}; {remedy}"),
            Self::Keep { stream } => write!(f, "keep   {stream}"),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} from {} to {}", self.field, self.from, self.to)
    }
}

async fn steps_for(
    js: &Context,
    topology: &Topology,
    spec: &StreamSpec,
) -> Result<Vec<Step>, StreamsError> {
    let stream = spec.name.clone();
    let live = api::find(js, spec.name.as_str()).await?;
    let reserved = |own: &&SubjectPattern| is_reserved(own.as_str());
    if let Some(subject) = spec.subjects.iter().find(reserved) {
        let refusal = Refusal::reserved(live.as_ref(), subject.as_str());
        return Ok(vec![refusal.step(&stream)]);
    }
    let rivals = rivals(js, topology, spec, live.as_ref()).await?;
    if !rivals.is_empty() {
        let refusal = Refusal::captured(spec, live.as_ref(), &rivals);
        return Ok(vec![refusal.step(&stream)]);
    }
    let Some(live) = live else {
        let config = Box::new(spec.clone());
        return Ok(vec![Step::Create { stream, config }]);
    };
    let Comparison {
        changes, refusals, ..
    } = compare(spec, &live);
    let mut steps: Vec<Step> = refusals.iter().map(|own| own.step(&stream)).collect();
    if !changes.is_empty() {
        steps.insert(0, Step::Update { stream, changes });
    } else if steps.is_empty() {
        steps.push(Step::Keep { stream });
    }
    Ok(steps)
}

/// The other streams that have, or are about to have, subjects that this one still needs.
async fn rivals(
    js: &Context,
    topology: &Topology,
    spec: &StreamSpec,
    live: Option<&Live>,
) -> Result<Vec<String>, StreamsError> {
    let mut rivals: Vec<String> = Vec::new();
    let missing = spec.subjects.iter().map(|subject| subject.as_str());
    for subject in missing.filter(|subject| !live.is_some_and(|live| live.captures(subject))) {
        rivals.extend(api::capturing(js, subject).await?);
        rivals.extend(topology.rivals(spec).map(str::to_owned));
    }
    rivals.retain(|name| name != spec.name.as_str());
    rivals.sort_unstable();
    rivals.dedup();
    Ok(rivals)
}
