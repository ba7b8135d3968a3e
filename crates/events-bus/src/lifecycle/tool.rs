use serde::{Deserialize, Serialize};

use super::Lifecycle;

/// `tool.installed`
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct ToolInstalled {
    /// The tool's name.
    pub tool: String,
    /// The version that is installed now.
    pub version: String,
}

/// `tool.configured`: names of settings, never their values.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct ToolConfigured {
    /// The tool's name.
    pub tool: String,
    /// The names of the settings that were set.
    pub config: Vec<String>,
}

/// `tool.started`
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct ToolStarted {
    /// The tool's name.
    pub tool: String,
}

/// `tool.stopped`: it ended as it should.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct ToolStopped {
    /// The tool's name.
    pub tool: String,
    /// Why it stopped.
    pub reason: String,
}

/// `tool.crashed`: it ended as it should not.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct ToolCrashed {
    /// The tool's name.
    pub tool: String,
    /// What went wrong.
    pub error: String,
    /// How many times it had been started again before.
    pub restart_count: u64,
}

/// `tool.removed`
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct ToolRemoved {
    /// The tool's name.
    pub tool: String,
}

lifecycle!(
    ToolInstalled = "tool.installed", about tool;
    ToolConfigured = "tool.configured", about tool;
    ToolStarted = "tool.started", about tool;
    ToolStopped = "tool.stopped", about tool;
    ToolCrashed = "tool.crashed", about tool, restarts restart_count, failure true;
    ToolRemoved = "tool.removed", about tool;
);
