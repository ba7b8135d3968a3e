use std::fmt;

use super::origin::{Origin, Tier};
use super::report::Report;

/// One mistake in the configuration, in words that hold no secret.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    key: String,
    what: String,
    set_by: Option<String>,
    flag: Option<String>,
}

impl Problem {
    pub(super) fn new(key: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            what: what.into(),
            set_by: None,
            flag: None,
        }
    }

    /// Adds who set the value, where the name alone does not tell.
    pub(super) fn set_by(self, origin: &Origin) -> Self {
        let told = origin.key == self.key || origin.tier == Tier::Default;
        let is_flag = origin.tier == Tier::Flag;
        Self {
            flag: is_flag.then(|| origin.key.clone()),
            set_by: (!told).then(|| origin.to_string()),
            ..self
        }
    }

    /// The setting or the unknown name.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The mistake alone, as it follows a name: `is not a duration`.
    #[must_use]
    pub fn what(&self) -> &str {
        &self.what
    }

    /// The flag that set the value, where a command line did.
    #[must_use]
    pub fn flag(&self) -> Option<&str> {
        self.flag.as_deref()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.key, self.what)?;
        match &self.set_by {
            Some(origin) => write!(f, "  (set by {origin})"),
            None => Ok(()),
        }
    }
}

/// Everything that is wrong with a configuration, together with what was right.
#[derive(Debug, thiserror::Error)]
#[error("{} in the configuration", counted(.list.len()))]
pub struct Problems {
    pub(super) list: Vec<Problem>,
    pub(super) report: Report,
}

impl Problems {
    /// The mistakes, in the order of the table; unknown names and contradictions come last.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.list.iter()
    }

    /// What each setting came to; values that are wrong are marked so.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// The mistakes alone, on one line, as a cause of something else.
    #[must_use]
    pub fn in_words(&self) -> String {
        let problems: Vec<String> = self.iter().map(ToString::to_string).collect();
        problems.join("; ")
    }

    /// The whole message for an operator, with a line break at its end.
    #[must_use]
    pub fn render(&self) -> String {
        let width = self
            .list
            .iter()
            .map(|problem| problem.key.len())
            .max()
            .unwrap_or_default();
        let mut text = format!("error: {self}\n");
        for problem in &self.list {
            let Problem {
                key, what, set_by, ..
            } = problem;
            let origin = set_by
                .as_ref()
                .map(|by| format!("  (set by {by})"))
                .unwrap_or_default();
            text.push_str(&format!("  {key:width$} {what}{origin}\n"));
        }
        text.push_str("try: consign config validate\n");
        text
    }
}

fn counted(problems: usize) -> String {
    match problems {
        1 => "1 problem".to_owned(),
        many => format!("{many} problems"),
    }
}
