use async_nats::jetstream::Context;
use serde::Serialize;

use crate::live::Live;
use crate::{
    Code, Finding, Policy, Severity, StreamName, StreamSpec, StreamsError, Topology, api, check,
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
    let own = api::find(js, spec.name.as_str()).await?;
    let mut findings = Vec::new();
    let mut judged: Vec<Live> = own.into_iter().collect();
    let named = judged.len();
    for subject in &spec.subjects {
        let subject = subject.as_str();
        if judged.iter().any(|live| live.captures(subject)) {
            continue;
        }
        for name in others(js, subject).await? {
            if judged.iter().all(|live| live.name != name) {
                judged.extend(api::find(js, &name).await?);
            }
        }
        if !judged.iter().any(|live| live.captures(subject)) {
            findings.push(not_captured(spec, subject));
        }
    }
    let nobody = judged.is_empty();
    for (index, live) in judged.iter().enumerate() {
        if index >= named {
            findings.push(elsewhere(spec, live));
        }
        findings.extend(check::findings(spec, live, policy));
    }
    if nobody {
        findings = vec![missing(spec)];
    }
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let worst = findings.iter().map(|finding| finding.severity).max();
    let state = match worst {
        _ if nobody => State::Missing,
        None | Some(Severity::Note) => State::Ok,
        Some(Severity::Weakens | Severity::Breaks) => State::Warn,
    };
    Ok(StreamReport {
        name: spec.name.clone(),
        state,
        findings,
    })
}

/// The streams that capture any of `subject`; none where this login may not ask, which the server
/// leaves unanswered.
async fn others(js: &Context, subject: &str) -> Result<Vec<String>, StreamsError> {
    match api::capturing(js, subject).await {
        Err(StreamsError::TimedOut { .. }) => Ok(Vec::new()),
        answer => answer,
    }
}

fn missing(spec: &StreamSpec) -> Finding {
    let subjects: Vec<&str> = spec.subjects.iter().map(|own| own.as_str()).collect();
    let subjects = subjects.join(" ");
    Finding {
        code: Code::Missing,
        severity: Severity::Breaks,
        text: format!(
            "there is no stream {}, nor another to be seen that captures {subjects}",
            spec.name
        ),
        remedy:
            "set CONSIGN_STREAMS=ensure, or declare the stream you have in CONSIGN_STREAMS_FILE"
                .to_owned(),
    }
}

fn not_captured(spec: &StreamSpec, subject: &str) -> Finding {
    Finding {
        code: Code::SubjectNotCaptured,
        severity: Severity::Breaks,
        text: format!(
            "no stream captures the whole of {subject}; events published there are kept nowhere"
        ),
        remedy: format!(
            "set CONSIGN_STREAMS=ensure, or add it: nats stream edit {} --subjects …,{subject}",
            spec.name
        ),
    }
}

fn elsewhere(spec: &StreamSpec, live: &Live) -> Finding {
    let (name, other) = (&spec.name, &live.name);
    let subjects = live.subjects().join(" ");
    Finding {
        code: Code::CapturedElsewhere,
        severity: Severity::Weakens,
        text: format!("{other} captures {subjects}, and with it what is {name}'s"),
        remedy: format!("declare {other} in CONSIGN_STREAMS_FILE, or narrow its subjects"),
    }
}
