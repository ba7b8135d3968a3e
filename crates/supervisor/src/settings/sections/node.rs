use std::fmt;
use std::time::Duration;

use events_bus::Origin;

use crate::settings::row::Row;
use crate::settings::section::section;
use crate::settings::values::{Form, Given, Value, Wrong};

section! {
    "Node";
    /// What the daemon tells of itself, as events.
    pub struct Node {
        /// Under which name the daemon tells that it joined, how it is and that it left; without one
        /// it stores what it is given and nothing else.
        pub name: Option<NodeName> = Row::new("CONSIGN_NODE_NAME");
        /// How often it tells how it is, besides when that changes.
        pub health_every: HealthEvery = Row::new("CONSIGN_NODE_HEALTH_EVERY").default("30s");
    }
}

/// A node's name, with what makes its events.
#[derive(Clone, Debug)]
pub struct NodeName {
    name: String,
    origin: Origin,
}

impl NodeName {
    /// What makes the node's events.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }
}

impl fmt::Display for NodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Value for NodeName {
    const FORM: Form = Form::Text {
        noun: "a name of 1 to 128 letters, digits, ., _ and -",
        example: "edge-1",
    };

    fn parse(given: &Given<'_>) -> Result<Self, Wrong> {
        let origin = Origin::node(given.text).map_err(|_| Wrong::Form)?;
        let name = given.text.to_owned();
        Ok(Self { name, origin })
    }
}

/// How often a node tells how it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum HealthEvery {
    /// At this distance.
    Every(Duration),
    /// Never.
    Off,
}

impl Value for HealthEvery {
    const FORM: Form = Form::Text {
        noun: "off or a duration of 100ms or more",
        example: "30s",
    };

    fn parse(given: &Given<'_>) -> Result<Self, Wrong> {
        if given.text.eq_ignore_ascii_case("off") {
            return Ok(Self::Off);
        }
        match Duration::parse(given)? {
            every if every >= LEAST => Ok(Self::Every(every)),
            _ => Err(Wrong::Form),
        }
    }
}

/// More often than that, telling would be a burden.
const LEAST: Duration = Duration::from_millis(100);
