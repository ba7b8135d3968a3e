use async_nats::jetstream::Context;
use serde::Serialize;

use crate::capture::{Capture, Loose};
use crate::live::Live;
use crate::pattern::{UNRESERVE, is_reserved};
use crate::{
    Code, Finding, Policy, Severity, StreamName, StreamSpec, StreamsError, Topology, check,
};

/// What was found of one stream.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct StreamReport {
    /// The stream's name as declared.
    pub name: StreamName,
    /// The whole in a word.
    pub state: State,
    /// What breaks a guarantee, or should be known; the worst first.
    pub findings: Vec<Finding>,
}

/// A stream's state in a word.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Nothing but notes.
    Ok,
    /// No stream captures its subjects.
    Missing,
    /// Something breaks or weakens a guarantee.
    Warn,
}

/// Looks at each stream of `topology` and names every setting that breaks a guarantee. Changes
/// nothing; safe to cancel.
///
/// A stream of another name that captures the subjects is judged in the declared one's place.
///
/// # Errors
/// The server does not answer, or has no JetStream.
pub async fn inspect(
    js: &Context,
    topology: &Topology,
    policy: &Policy,
) -> Result<Vec<StreamReport>, StreamsError> {
    let mut reports = Vec::new();
    for spec in topology {
        reports.push(report(js, spec, policy).await?);
    }
    Ok(reports)
}

impl StreamReport {
    /// Whether an acknowledged event is kept at all: the subjects are captured, in files, by
    /// streams that acknowledge. Memory by declaration counts as kept.
    #[must_use]
    pub fn has_custody(&self) -> bool {
        let denies = |finding: &Finding| finding.code.denies_custody();
        !self.findings.iter().any(denies)
    }

    /// The worst severity; `None` without findings.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }
}

async fn report(
    js: &Context,
    spec: &StreamSpec,
    policy: &Policy,
) -> Result<StreamReport, StreamsError> {
    let capture = Capture::of(js, spec).await?;
    let mut findings = Vec::new();
    if let Some(live) = &capture.own {
        findings.extend(check::findings(spec, live, policy));
    }
    for live in &capture.others {
        findings.push(elsewhere(spec, live));
        for mut finding in check::findings(spec, live, policy) {
            finding.text = format!("{}: {}", live.name, finding.text);
            findings.push(finding);
        }
    }
    if capture.is_none() {
        findings = vec![missing(spec, &capture.loose)];
    } else {
        let loose = capture.loose.iter();
        findings.extend(loose.map(|loose| not_captured(spec, loose)));
    }
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let worst = findings.iter().map(|finding| finding.severity).max();
    let state = match worst {
        _ if capture.is_none() => State::Missing,
        None | Some(Severity::Note) => State::Ok,
        Some(Severity::Weakens | Severity::Breaks) => State::Warn,
    };
    Ok(StreamReport {
        name: spec.name.clone(),
        state,
        findings,
    })
}

fn missing(spec: &StreamSpec, loose: &[Loose]) -> Finding {
    let name = &spec.name;
    let subjects: Vec<&str> = loose.iter().map(|loose| loose.subject.as_str()).collect();
    let subjects = subjects.join(" ");
    let hindered = loose.iter().find_map(|loose| hindrance(spec, loose));
    let remedy = hindered.unwrap_or_else(|| {
        "consign stream ensure, or declare the stream you have in CONSIGN_STREAMS_FILE".to_owned()
    });
    Finding {
        code: Code::Missing,
        severity: Severity::Breaks,
        text: format!("there is no stream {name}, nor another to be seen that captures {subjects}"),
        remedy,
    }
}

fn not_captured(spec: &StreamSpec, loose: &Loose) -> Finding {
    let (name, subject) = (&spec.name, &loose.subject);
    let remedy = hindrance(spec, loose)
        .unwrap_or_else(|| format!("consign stream ensure, or add it to the subjects of {name}"));
    Finding {
        code: Code::SubjectNotCaptured,
        severity: Severity::Breaks,
        text: format!("no stream captures all of {subject}; what it leaves out is kept nowhere"),
        remedy,
    }
}

/// What to do where the declared stream cannot just be given the subject.
fn hindrance(spec: &StreamSpec, loose: &Loose) -> Option<String> {
    let mut others: Vec<&str> = loose.parts.iter().map(String::as_str).collect();
    others.retain(|part| *part != spec.name.as_str());
    if is_reserved(&loose.subject) {
        Some(UNRESERVE.to_owned())
    } else if others.is_empty() {
        None
    } else {
        let others = others.join(", ");
        Some(format!(
            "parts of {} are captured by {others}: narrow their subjects, or publish to others",
            loose.subject
        ))
    }
}

fn elsewhere(spec: &StreamSpec, live: &Live) -> Finding {
    let (name, other) = (&spec.name, &live.name);
    let subjects = live.subjects().join(" ");
    Finding {
        code: Code::CapturedElsewhere,
        severity: Severity::Weakens,
        text: format!("{other} captures {subjects}, which is declared to be {name}'s"),
        remedy: format!("declare {other} in CONSIGN_STREAMS_FILE, or narrow its subjects"),
    }
}
