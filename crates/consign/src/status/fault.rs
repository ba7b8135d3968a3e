use supervisor::exit::Failure;

/// One thing that somebody has to look at, and the command to look with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Fault {
    pub(super) what: String,
    pub(super) next: Option<String>,
}

impl Fault {
    /// A fault that `next` tells more about, or mends.
    pub(super) fn new(what: impl Into<String>, next: &str) -> Self {
        Self {
            what: what.into(),
            next: Some(next.to_owned()),
        }
    }

    /// A stream that is not as it should be.
    pub(super) fn of_stream(name: &str, state: &str) -> Self {
        let next = match state {
            "missing" => "consign stream ensure",
            _ => "consign stream verify",
        };
        Self::new(format!("stream {name} is {state}"), next)
    }

    /// What a supervisor said, which ends with the command where it knows one.
    pub(super) fn told(words: &str) -> Self {
        match words.rsplit_once(COMMAND) {
            Some((what, arguments)) => Self::new(what, &format!("consign {arguments}")),
            None => Self::new(words, DOCTOR),
        }
    }
}

/// What failed and why, on one line.
impl From<&Failure> for Fault {
    fn from(failure: &Failure) -> Self {
        let causes = failure.causes().join(": ");
        Self {
            what: format!("cannot {}: {causes}", failure.what()),
            next: failure.advice().map(str::to_owned),
        }
    }
}

/// What knows more of whatever there is no command of its own for.
pub(super) const DOCTOR: &str = "consign doctor";

const COMMAND: &str = ": consign ";

#[cfg(test)]
mod tests {
    use super::Fault;

    #[test]
    fn a_command_at_the_end_is_what_comes_next() {
        let told = Fault::told("2 events are dead: consign dlq ls");
        assert_eq!(told, Fault::new("2 events are dead", "consign dlq ls"));
        let told = Fault::told("the broker is away: refused");
        assert_eq!(told.what, "the broker is away: refused");
        assert_eq!(told.next.as_deref(), Some("consign doctor"));
    }
}
