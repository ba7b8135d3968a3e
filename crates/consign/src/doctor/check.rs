use serde_json::{Value, json};
use supervisor::exit::{Exit, Failure};

use crate::human::safe;
use crate::output::{Format, Output};

/// One thing that was checked.
#[derive(Debug)]
pub(super) struct Check {
    pub(super) what: String,
    pub(super) verdict: Verdict,
    pub(super) detail: String,
    /// What to do about it; empty where nothing has to be done.
    pub(super) advice: String,
}

/// How it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Verdict {
    /// As it should be.
    Ok,
    /// Something holds in some cases alone.
    Warn,
    /// Something does not hold.
    Fail,
    /// There is nothing to check, or no way to.
    Skip,
}

/// All that was checked, in that order.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) checks: Vec<Check>,
    /// Whether the broker should be there and is not.
    pub(super) unreachable: bool,
}

impl Check {
    pub(super) fn ok(what: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(what, Verdict::Ok, detail)
    }

    pub(super) fn warn(what: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(what, Verdict::Warn, detail)
    }

    pub(super) fn fail(what: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(what, Verdict::Fail, detail)
    }

    pub(super) fn skip(what: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(what, Verdict::Skip, detail)
    }

    /// What failed, why, and what to try next.
    pub(super) fn failed(what: impl Into<String>, failure: &Failure) -> Self {
        let detail = format!("{}: {}", failure.what(), failure.causes().join(": "));
        Self::fail(what, detail.trim_end_matches(": "))
            .try_next(failure.advice().unwrap_or_default())
    }

    /// With what to do about it.
    pub(super) fn try_next(self, advice: impl Into<String>) -> Self {
        Self {
            advice: advice.into(),
            ..self
        }
    }

    fn new(what: impl Into<String>, verdict: Verdict, detail: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            verdict,
            detail: detail.into(),
            advice: String::new(),
        }
    }

    fn to_json(&self) -> Value {
        let advice = (!self.advice.is_empty()).then_some(&self.advice);
        json!({
            "what": self.what,
            "verdict": self.verdict.word().to_lowercase(),
            "detail": self.detail,
            "try": advice,
        })
    }
}

impl Verdict {
    const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "WARN",
            Self::Fail => "FAIL",
            Self::Skip => "skip",
        }
    }
}

impl Report {
    pub(super) fn add(&mut self, check: Check) {
        self.checks.push(check);
    }

    /// A broker that is away outweighs whatever was found.
    pub(super) fn exit(&self) -> Exit {
        let ill = |check: &Check| matches!(check.verdict, Verdict::Warn | Verdict::Fail);
        if self.unreachable {
            Exit::Unreachable
        } else if self.checks.iter().any(ill) {
            Exit::Findings
        } else {
            Exit::Done
        }
    }

    pub(super) fn print(&self, output: &mut Output) -> Result<(), Failure> {
        match output.format() {
            Format::Json => {
                let items: Vec<Value> = self.checks.iter().map(Check::to_json).collect();
                output.json(&json!({ "kind": "Doctor", "items": items }))
            }
            Format::Name | Format::Table => {
                for check in &self.checks {
                    let Check { what, detail, .. } = check;
                    let word = check.verdict.word();
                    output.line(&safe(&format!("{word:<4}  {what}  {detail}")))?;
                    if !check.advice.is_empty() {
                        output.line(&safe(&format!("      try: {}", check.advice)))?;
                    }
                }
                Ok(())
            }
        }
    }
}
