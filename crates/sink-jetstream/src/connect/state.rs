use std::fmt;

use async_nats::ServerInfo;

/// What is known of a connection.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ConnectionState {
    /// Whether there is a connection now.
    pub connected: bool,
    /// Whether there will be no more attempts: the client was closed, or its attempts ran out.
    pub closed: bool,
    /// How many times a connection was made. What was sent under another number may be lost.
    pub generation: u64,
    /// The server of this connection or, without one, of the last.
    pub server: Option<Server>,
    /// The largest message that the server takes, headers included, in bytes. It is told at every
    /// connect; what the server changes later shows at the next one.
    pub max_payload: Option<usize>,
    /// Whether the server is about to shut down and asks its clients to leave.
    pub lame_duck: bool,
    /// What went wrong last since the connection was made, or since it was lost.
    pub last_error: Option<Failure>,
    /// The subjects that this login was refused under this connection, each once, at most
    /// [`MAX_VIOLATIONS`](Self::MAX_VIOLATIONS) of them, the last one last.
    pub violations: Vec<Violation>,
}

impl ConnectionState {
    /// How many refused subjects are kept.
    pub const MAX_VIOLATIONS: usize = 16;

    /// Whether the login was refused to publish to a subject under this connection.
    #[must_use]
    pub fn refuses_publish(&self, subject: &str) -> bool {
        let is_it = |violation: &Violation| {
            violation.operation == Operation::Publish && violation.subject == subject
        };
        self.violations.iter().any(is_it)
    }

    pub(super) fn refuse(&mut self, violation: Violation) {
        self.violations.retain(|known| *known != violation);
        if self.violations.len() == Self::MAX_VIOLATIONS {
            self.violations.remove(0);
        }
        self.violations.push(violation);
    }
}

/// A server, as it describes itself.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Server {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Where it was reached: scheme, host and port.
    pub url: String,
}

impl Server {
    pub(super) fn new(info: ServerInfo, url: String) -> Self {
        Self {
            name: info.server_name,
            version: info.version,
            url,
        }
    }
}

/// Why there is no connection, or what the server refused, in words for an operator.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Failure {
    /// What kind it is of.
    pub class: FailureClass,
    /// The words. No credential is among them.
    pub words: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

/// What an operator has to look at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum FailureClass {
    /// The login.
    Auth,
    /// What the login may do.
    Permissions,
    /// Certificates and names.
    Tls,
    /// The network, the server, or nothing at all: it may pass by itself.
    Other,
}

/// Something that the login may not do.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Violation {
    /// What was tried.
    pub operation: Operation,
    /// On which subject.
    pub subject: String,
}

/// What a login can be refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Operation {
    /// To publish to a subject.
    Publish,
    /// To name a subject for the reply.
    Reply,
    /// To subscribe to a subject.
    Subscribe,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_subjects_refused_are_kept_each_once() {
        let mut state = ConnectionState::default();
        let publish = |subject: usize| Violation {
            operation: Operation::Publish,
            subject: subject.to_string(),
        };
        for subject in [0, 1, 0] {
            state.refuse(publish(subject));
        }
        assert_eq!(state.violations, [publish(1), publish(0)]);
        for subject in 0..100 {
            state.refuse(publish(subject));
        }
        assert_eq!(state.violations.len(), ConnectionState::MAX_VIOLATIONS);
        assert!(state.refuses_publish("99") && !state.refuses_publish("83"));
    }
}
