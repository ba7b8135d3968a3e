use std::time::Duration;

use events_core::Severity;

use crate::settings::row::{Capability, Row};
use crate::settings::section::section;
use crate::settings::values::{Form, Given, Value, Wrong, words};

section! {
    "Kubernetes";
    /// Which events Kubernetes is told of.
    pub struct Kubernetes {
        /// Whether infrastructure events become Kubernetes events; `auto` is inside a cluster.
        pub events: KubernetesEvents = row("CONSIGN_K8S_EVENTS").default("auto");
        /// How many at most, as a burst per time.
        pub rate: Rate = row("CONSIGN_K8S_RATE").default("25/5m");
        /// The lowest severity told.
        pub min_severity: Severity = row("CONSIGN_K8S_MIN_SEVERITY").default("warn");
    }
}

words! {
    /// Whether events become Kubernetes events.
    pub enum KubernetesEvents {
        /// Inside a cluster.
        Auto = "auto",
        /// Always.
        On = "on",
        /// Never.
        Off = "off",
    }
}

impl Value for Severity {
    const FORM: Form = Form::Words(&["debug", "info", "warn", "error"]);

    fn parse(given: &Given<'_>) -> Result<Self, Wrong> {
        // No Event is chosen by less than debug.
        let mut told = Self::ALL.into_iter().filter(|step| *step != Self::Trace);
        told.find(|step| given.text.eq_ignore_ascii_case(step.as_str()))
            .ok_or(Wrong::Form)
    }
}

/// So many per time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Rate {
    /// How many.
    pub burst: u32,
    /// In which time.
    pub per: Duration,
}

impl Value for Rate {
    const FORM: Form = Form::Text {
        noun: "a rate",
        example: "25/5m",
    };

    fn parse(given: &Given<'_>) -> Result<Self, Wrong> {
        let (burst, text) = given.text.split_once('/').ok_or(Wrong::Form)?;
        let burst = burst.parse().map_err(|_| Wrong::Form)?;
        let per = Duration::parse(&Given { text, file: None })?;
        if burst == 0 || per.is_zero() {
            return Err(Wrong::Form);
        }
        Ok(Self { burst, per })
    }
}

const fn row(name: &'static str) -> Row {
    Row::new(name).needs(Capability::Kubernetes)
}
