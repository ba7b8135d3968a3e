//! A benchmark's verdict line: what was measured, what it must reach and what it should.
//!
//! `ratio <name> value=<number> must=<op><number> goal=<op><number> unit=<text>`, where an op is
//! `>=` or `<=`. A benchmark that measures in the same run what could be reached at best, by whoever
//! takes no time at all, appends ` reach=<number>`: a must beyond that is no failure.

use std::fmt;
use std::str::FromStr;

use anyhow::{Context, Error, Result, bail};

/// One measured ratio and its two bounds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ratio {
    name: String,
    value: f64,
    must: Bound,
    goal: Bound,
    unit: String,
    /// The best value that was in reach, where the benchmark knows.
    reach: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

impl Ratio {
    /// Whether a line of a benchmark's output claims to be a ratio.
    pub(crate) fn is_ratio(line: &str) -> bool {
        line.starts_with(PREFIX)
    }

    /// Whether the value misses what it must reach, and could.
    pub(crate) fn misses_must(&self) -> bool {
        !self.must.admits(self.value) && !self.is_out_of_reach()
    }

    fn is_out_of_reach(&self) -> bool {
        self.reach.is_some_and(|reach| !self.must.admits(reach))
    }
}

impl FromStr for Ratio {
    type Err = Error;

    fn from_str(line: &str) -> Result<Self> {
        let rest = line
            .trim_end()
            .strip_prefix(PREFIX)
            .context("find the word `ratio`")?;
        let (name, rest) = rest.split_once(" value=").context("find ` value=`")?;
        let (value, rest) = rest.split_once(" must=").context("find ` must=`")?;
        let (must, rest) = rest.split_once(" goal=").context("find ` goal=`")?;
        let (goal, unit) = rest.split_once(" unit=").context("find ` unit=`")?;
        let (unit, reach) = match unit.split_once(" reach=") {
            Some((unit, reach)) => (unit, Some(number(reach)?)),
            None => (unit, None),
        };
        let (name, unit) = (name.to_owned(), unit.to_owned());
        Ok(Self {
            name,
            value: number(value)?,
            must: must.parse()?,
            goal: goal.parse()?,
            unit,
            reach,
        })
    }
}

impl FromStr for Bound {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if let Some(floor) = text.strip_prefix(">=") {
            return number(floor).map(Self::AtLeast);
        }
        if let Some(ceiling) = text.strip_prefix("<=") {
            return number(ceiling).map(Self::AtMost);
        }
        bail!("`{text}` starts with neither >= nor <=")
    }
}

impl Bound {
    fn admits(self, value: f64) -> bool {
        match self {
            Self::AtLeast(floor) => value >= floor,
            Self::AtMost(ceiling) => value <= ceiling,
        }
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            value,
            must,
            goal,
            unit,
            reach,
        } = self;
        write!(
            f,
            "{PREFIX}{name} {value} {unit} (must {must}, goal {goal}): "
        )?;
        match (self.misses_must(), must.admits(*value), reach) {
            (true, ..) => f.write_str("MISSES its must"),
            (false, false, Some(reach)) => {
                write!(
                    f,
                    "misses its must, which was out of reach: {reach} at best"
                )
            }
            _ if goal.admits(*value) => f.write_str("reaches its goal"),
            _ => f.write_str("reaches its must"),
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLeast(floor) => write!(f, ">= {floor}"),
            Self::AtMost(ceiling) => write!(f, "<= {ceiling}"),
        }
    }
}

fn number(text: &str) -> Result<f64> {
    let value: f64 = text
        .parse()
        .with_context(|| format!("read `{text}` as a number"))?;
    // A benchmark that divided by zero has measured nothing.
    if !value.is_finite() {
        bail!("`{text}` is not a finite number");
    }
    Ok(value)
}

const PREFIX: &str = "ratio ";

#[cfg(test)]
mod tests {
    use super::Ratio;

    fn judged(line: &str) -> String {
        line.parse::<Ratio>().unwrap().to_string()
    }

    #[test]
    fn a_floor_is_judged_against_must_and_goal() {
        let line = |value| format!("ratio journal value={value} must=>=10 goal=>=50 unit=x");
        assert_eq!(
            judged(&line("9.9")),
            "ratio journal 9.9 x (must >= 10, goal >= 50): MISSES its must"
        );
        assert!(judged(&line("10")).ends_with(": reaches its must"));
        assert!(judged(&line("50")).ends_with(": reaches its goal"));
    }

    #[test]
    fn a_must_beyond_reach_is_no_failure_and_is_said() {
        let line = |reach| format!("ratio a value=0.2 must=>=0.35 goal=>=0.4 unit=x reach={reach}");
        assert!(
            judged(&line("0.31"))
                .ends_with(": misses its must, which was out of reach: 0.31 at best")
        );
        assert!(!line("0.31").parse::<Ratio>().unwrap().misses_must());
        assert!(judged(&line("0.36")).ends_with(": MISSES its must"));
        assert!(line("0.36").parse::<Ratio>().unwrap().misses_must());
        assert!(line("zero").parse::<Ratio>().is_err());
    }

    #[test]
    fn a_ceiling_is_judged_the_other_way_round() {
        let line =
            |value| format!("ratio seal and scan value={value} must=<=2 goal=<=1 unit=µs a go");
        assert!(judged(&line("2.1")).contains("MISSES"));
        assert!(judged(&line("1.5")).ends_with(": reaches its must"));
        assert!(judged(&line("0.5")).starts_with("ratio seal and scan 0.5 µs a go (must <= 2"));
    }

    #[test]
    fn a_line_that_says_less_is_refused() {
        for line in [
            "ratio a value=1 must=>=1 goal=>=1",
            "ratio a value=1 must=1 goal=>=1 unit=x",
            "ratio a value=NaN must=>=1 goal=>=1 unit=x",
            "ratio a value=inf must=>=1 goal=>=1 unit=x",
            "ratio a must=>=1 value=1 goal=>=1 unit=x",
        ] {
            assert!(
                Ratio::is_ratio(line) && line.parse::<Ratio>().is_err(),
                "{line}"
            );
        }
        assert!(!Ratio::is_ratio("ratios are printed below"));
    }
}
