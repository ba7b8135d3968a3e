use serde::{Deserialize, Serialize};

use super::Lifecycle;

/// `audit.recorded`: somebody did, or tried, what has to be accounted for. Its class is kept 90
/// days at least.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct AuditRecorded {
    /// Who.
    pub actor: String,
    /// Did what.
    pub action: String,
    /// To what, the event's `subject` too.
    pub resource: String,
    /// What came of it: `success`, `failure`, `timeout` or another word.
    pub outcome: String,
}

/// `audit.verified`: records were checked.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct AuditVerified {
    /// Which records: a stream, a file, a tenant; the event's `subject` too.
    pub scope: String,
    /// How many verified.
    pub verified: u64,
    /// How many findings there were.
    pub findings: u64,
}

lifecycle!(
    AuditRecorded = "audit.recorded", about resource;
    AuditVerified = "audit.verified", about scope;
);
