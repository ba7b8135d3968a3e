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

    /// What a supervisor said, which has the command in it where it knows one. `server` is where
    /// its broker was reached.
    pub(super) fn told(words: &str, server: &str) -> Self {
        if let Some((what, arguments)) = words.rsplit_once(COMMAND) {
            return Self::new(what, &format!("consign {arguments}"));
        }
        match command_in(words) {
            Some(command) => Self::new(words, command),
            None if words.starts_with(OF_BROKER) => Self::new(words, &look_at(server)),
            None => Self::new(words, DOCTOR),
        }
    }

    /// Whether it comes with a command that goes further than to look around.
    pub(super) fn has_command(&self) -> bool {
        let is_one = |next: &str| next.starts_with("consign ") && next != DOCTOR;
        self.next.as_deref().is_some_and(is_one)
    }

    /// Whether it comes with anything more than where to look around.
    pub(super) fn has_advice(&self) -> bool {
        self.next.as_deref().is_some_and(|next| next != DOCTOR)
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

/// The first command of ours that is quoted in `words`.
pub(crate) fn command_in(words: &str) -> Option<&str> {
    let mut quoted = words.split('`').skip(1).step_by(2);
    quoted.find(|text| text.starts_with("consign "))
}

/// What to do about a broker that is away, or does not answer. `server` is empty where nobody
/// knows its address.
pub(crate) fn look_at(server: &str) -> String {
    match server {
        "" => "start the broker that the supervisor's CONSIGN_NATS_URL names".to_owned(),
        server => format!("look at the server at {server}, and start it if it is down"),
    }
}

/// What knows more of whatever there is no command of its own for.
pub(super) const DOCTOR: &str = "consign doctor";

const COMMAND: &str = ": consign ";
/// How a supervisor begins to tell of a broker that takes nothing.
const OF_BROKER: &str = "the broker ";

#[cfg(test)]
mod tests {
    use super::Fault;

    #[test]
    fn a_command_at_the_end_is_what_comes_next() {
        let told = |words| Fault::told(words, "nats://n:4222");
        let dead = told("2 events are dead: consign dlq ls");
        assert_eq!(dead, Fault::new("2 events are dead", "consign dlq ls"));
        let full = told("the spool is full");
        assert_eq!(full, Fault::new("the spool is full", "consign doctor"));
    }

    #[test]
    fn a_command_that_is_quoted_is_what_comes_next() {
        let words = "no stream captures a.b; `nats stream ls` or `consign stream ensure`";
        let told = Fault::told(words, "");
        assert_eq!(told, Fault::new(words, "consign stream ensure"));
    }

    #[test]
    fn a_broker_that_is_away_is_to_be_looked_at_where_it_is() {
        let away = |server| Fault::told("the broker is away: refused", server);
        let next = away("nats://n:4222").next.unwrap();
        assert!(next.contains("server at nats://n:4222"), "{next}");
        let next = away("").next.unwrap();
        assert!(next.contains("CONSIGN_NATS_URL"), "{next}");
    }
}
