use serde::{Deserialize, Serialize};

use super::Lifecycle;

/// `run.started`
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct RunStarted {
    /// The run's id, in `runid` too.
    pub run: String,
    /// What it is a run of.
    pub spec: String,
}

/// `run.done`
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct RunDone {
    /// The run's id, in `runid` too.
    pub run: String,
}

/// `run.failed`
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct RunFailed {
    /// The run's id, in `runid` too.
    pub run: String,
    /// What went wrong.
    pub error: String,
}

/// `step.started`
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct StepStarted {
    /// The run's id, in `runid` too.
    pub run: String,
    /// The step's name within the run, the event's `subject` too.
    pub step: String,
}

/// `step.done`
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct StepDone {
    /// The run's id, in `runid` too.
    pub run: String,
    /// The step's name within the run, the event's `subject` too.
    pub step: String,
}

/// `step.failed`
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct StepFailed {
    /// The run's id, in `runid` too.
    pub run: String,
    /// The step's name within the run, the event's `subject` too.
    pub step: String,
    /// What went wrong.
    pub error: String,
}

lifecycle!(
    RunStarted = "run.started", about run, run run;
    RunDone = "run.done", about run, run run;
    RunFailed = "run.failed", about run, run run, failure true;
    StepStarted = "step.started", about step, run run;
    StepDone = "step.done", about step, run run;
    StepFailed = "step.failed", about step, run run, failure true;
);
