use serde::{Deserialize, Serialize};

use super::Lifecycle;

/// `mcp.announce`: a server is there.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct McpAnnounced {
    /// The server's name, the event's `subject` too.
    pub server: String,
    /// Where it can be reached.
    pub endpoint: String,
    /// What it offers.
    pub capabilities: Vec<String>,
}

/// `mcp.heartbeat`: a server is still there.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct McpHeartbeat {
    /// The server's name, the event's `subject` too.
    pub server: String,
}

/// `mcp.deregister`: a server is gone.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct McpDeregistered {
    /// The server's name, the event's `subject` too.
    pub server: String,
    /// Why.
    pub reason: String,
}

lifecycle!(
    McpAnnounced = "mcp.announce", about server;
    McpHeartbeat = "mcp.heartbeat", about server;
    McpDeregistered = "mcp.deregister", about server;
);
