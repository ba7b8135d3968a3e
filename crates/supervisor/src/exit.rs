//! How programs end: exit codes, and failures that say what to try next.

use std::error::Error;
use std::fmt;
use std::process::ExitCode;

/// How a program of this workspace ends. Supervisors and scripts tell the cases apart by these
/// numbers; from 64 on they are those of `sysexits.h`,
/// and from 128 on those that shells have for a signal's number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Exit {
    /// Everything asked for was done.
    Done,
    /// The operation failed, or some events were refused.
    Failed,
    /// The command line is wrong.
    Usage,
    /// What was checked has findings.
    Findings,
    /// A service that is needed cannot be reached.
    Unreachable,
    /// The disk failed for good.
    Storage,
    /// Another process holds the data directory.
    Held,
    /// The configuration is wrong.
    Config,
    /// It was interrupted, as by Ctrl-C.
    Interrupted,
    /// Nobody reads the results any more.
    ClosedPipe,
}

impl Exit {
    /// All there are, in the order of their numbers.
    pub const ALL: [Self; 10] = [
        Self::Done,
        Self::Failed,
        Self::Usage,
        Self::Findings,
        Self::Unreachable,
        Self::Storage,
        Self::Held,
        Self::Config,
        Self::Interrupted,
        Self::ClosedPipe,
    ];

    /// What it says to whoever sees the number.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "everything asked for was done",
            Self::Failed => "it failed, or some events were refused",
            Self::Usage => "the command line is wrong",
            Self::Findings => "what was checked has findings",
            Self::Unreachable => "a service that is needed cannot be reached",
            Self::Storage => "the disk failed for good",
            Self::Held => "another process holds the data directory",
            Self::Config => "the configuration is wrong",
            Self::Interrupted => "it was interrupted, as by Ctrl-C",
            Self::ClosedPipe => "nobody reads the results any more, as behind `| head`",
        }
    }

    /// The number the operating system sees.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Findings => 3,
            Self::Unreachable => 69,
            Self::Storage => 74,
            Self::Held => 75,
            Self::Config => 78,
            Self::Interrupted => 130,
            Self::ClosedPipe => 141,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Why the daemon did not start or did not end well: what, why, what to try, and the exit code.
pub struct Failure {
    exit: Exit,
    what: String,
    advice: Option<String>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl Failure {
    /// A failure to do `what`.
    pub fn new(exit: Exit, what: impl Into<String>) -> Self {
        Self {
            exit,
            what: what.into(),
            advice: None,
            source: None,
        }
    }

    /// With its cause.
    #[must_use]
    pub fn because(self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            source: Some(source.into()),
            ..self
        }
    }

    /// With what the operator can try next.
    #[must_use]
    pub fn try_next(self, advice: impl Into<String>) -> Self {
        Self {
            advice: Some(advice.into()),
            ..self
        }
    }

    /// What failed.
    #[must_use]
    pub fn what(&self) -> &str {
        &self.what
    }

    /// Why, each cause before its own.
    #[must_use]
    pub fn causes(&self) -> Vec<String> {
        let mut causes = Vec::new();
        let mut cause = self.source.as_deref().map(|source| source as &dyn Error);
        while let Some(error) = cause {
            causes.push(error.to_string());
            cause = error.source();
        }
        causes
    }

    /// What the operator can try next.
    #[must_use]
    pub fn advice(&self) -> Option<&str> {
        self.advice.as_deref()
    }

    /// The exit code it calls for.
    #[must_use]
    pub fn exit(&self) -> Exit {
        self.exit
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.what)?;
        for cause in self.causes() {
            write!(f, "\ncause: {cause}")?;
        }
        match &self.advice {
            Some(advice) => write!(f, "\ntry: {advice}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {self}", self.exit)
    }
}

#[cfg(test)]
mod tests {
    use super::{Exit, Failure};

    #[test]
    fn a_failure_says_what_why_and_what_next() {
        let failure = Failure::new(Exit::Storage, "open the journal in /data")
            .because(std::io::Error::from(std::io::ErrorKind::ReadOnlyFilesystem))
            .try_next("mount it read-write");
        let expected = "error: open the journal in /data\n\
             cause: read-only filesystem or storage medium\n\
             try: mount it read-write";
        assert_eq!(failure.to_string(), expected);
        assert_eq!(failure.exit().code(), 74);
    }
}
