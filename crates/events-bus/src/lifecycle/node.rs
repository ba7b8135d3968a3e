use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Lifecycle, finite};

/// `node.joined`
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct NodeJoined {
    /// What the node can do, in words of the host's own.
    pub capabilities: Vec<String>,
}

/// `node.left`
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct NodeLeft {
    /// Why it left.
    pub reason: String,
}

/// `node.health`
#[derive(Clone, Deserialize, PartialEq, Serialize)]
pub struct NodeHealth {
    /// How it is.
    pub status: Health,
    /// What it uses and has, by names that say the unit: `memory_bytes`, `load_1m`. Finite
    /// numbers.
    #[serde(serialize_with = "finite::named")]
    pub resources: BTreeMap<String, f64>,
}

/// How a node is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// It does all it should.
    Ok,
    /// It does what it should, with help or late.
    Degraded,
    /// It does not.
    Failing,
}

lifecycle!(
    NodeJoined = "node.joined";
    NodeLeft = "node.left";
    NodeHealth = "node.health";
);
