use super::state::{Failure, FailureClass, Operation, Violation};

impl Failure {
    /// From what the client says of an attempt that failed.
    pub(super) fn of_attempt(text: &str) -> Self {
        let text = text.strip_prefix("IO error: ").unwrap_or(text);
        if let Some(refused) = text.strip_prefix("nats: ") {
            return Self::of_server(refused);
        }
        if text.starts_with("authorization violation") {
            return Self::new(FailureClass::Auth, "the server refuses the login");
        }
        if let Some(why) = text.strip_prefix("failed signing nonce") {
            let why = why.trim_start_matches(": AuthError(").trim_end_matches(')');
            return Self::new(
                FailureClass::Auth,
                format!("failed to log in: {}", shown(why)),
            );
        }
        if let Some(words) = tls(text) {
            let words = format!("{words} ({})", shown(text));
            return Self::new(FailureClass::Tls, words);
        }
        let words = match text {
            "timed out" => "the server did not answer in time".to_owned(),
            text if text.starts_with("expected INFO") => {
                "what answers is no NATS server".to_owned()
            }
            text => format!("failed to connect: {}", shown(text)),
        };
        Self::new(FailureClass::Other, words)
    }

    /// From what a server says before it ends a connection, or instead of doing as told.
    pub(super) fn of_server(text: &str) -> Self {
        let lower = text.to_lowercase();
        let class = if lower.starts_with("permissions violation") {
            FailureClass::Permissions
        } else if lower.contains("authorization") || lower.contains("authentication") {
            FailureClass::Auth
        } else if lower.contains("tls") {
            FailureClass::Tls
        } else {
            FailureClass::Other
        };
        Self::new(class, format!("the server says: {}", shown(text)))
    }

    pub(super) fn new(class: FailureClass, words: impl Into<String>) -> Self {
        let words = words.into();
        Self { class, words }
    }
}

impl Violation {
    /// From `Permissions Violation for Publish to "subject"` and its like.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("Permissions Violation for ")?;
        let (what, rest) = rest.split_once('"')?;
        let operation = match what {
            "Publish to " => Operation::Publish,
            "Publish with Reply of " => Operation::Reply,
            "Subscription to " => Operation::Subscribe,
            _ => return None,
        };
        let (subject, _) = rest.split_once('"')?;
        let subject = subject.to_owned();
        Some(Self { operation, subject })
    }
}

/// What an operator is told of a handshake that failed, if it is one.
fn tls(text: &str) -> Option<&'static str> {
    let says = |part: &str| text.contains(part);
    let words = match () {
        () if says("certificate expired") => "the server's certificate has expired",
        () if says("certificate not valid yet") => "the server's certificate is not valid yet",
        () if says("not valid for name") => "the server's certificate is for another name",
        // A CA that was made anew under its old name looks like a bad signature.
        () if says("certificate: UnknownIssuer") || says("certificate: BadSignature") => {
            "the server's certificate comes from a CA that is not trusted"
        }
        () if says("invalid peer certificate") => "the server's certificate cannot be trusted",
        () if says("fatal alert: CertificateRequired") => {
            "the server asks for a client certificate"
        }
        () if says("fatal alert: ") => "the server refuses the TLS handshake",
        () if says("received corrupt message") => "the server answers without TLS",
        () if says("tls handshake eof") => "the server ended the TLS handshake",
        () if says("peer is incompatible") || says("peer misbehaved") => {
            "the server's TLS cannot be used"
        }
        () if text.starts_with("TLS error") => "TLS cannot be set up",
        () => return None,
    };
    Some(words)
}

/// A text from outside as it may stand in a log: on one line, and no longer than one.
fn shown(text: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().map(plain).take(LONGEST).collect()
}

const LONGEST: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_client_says_of_an_attempt_gets_a_class() {
        use FailureClass::{Auth, Other, Permissions, Tls};
        for (text, class) in [
            (
                "authorization violation: nats: authorization violation",
                Auth,
            ),
            ("IO error: nats: User Authentication Expired", Auth),
            ("IO error: nats: Account Authentication Expired", Auth),
            (
                "failed signing nonce: AuthError(read the creds file x)",
                Auth,
            ),
            (
                "IO error: nats: Permissions Violation for Publish to \"x\"",
                Permissions,
            ),
            ("IO error: invalid peer certificate: UnknownIssuer", Tls),
            ("IO error: peer misbehaved: X", Tls),
            ("IO error: received fatal alert: HandshakeFailure", Tls),
            ("TLS error: could not load platform certs: x", Tls),
            ("IO error: nats: Secure Connection - TLS Required", Tls),
            ("IO error: Connection refused (os error 111)", Other),
            ("IO error: nats: maximum connections exceeded", Other),
            ("timed out", Other),
            ("", Other),
        ] {
            assert_eq!(Failure::of_attempt(text).class, class, "{text}");
        }
    }

    #[test]
    fn what_a_server_says_stays_on_one_line_of_bounded_length() {
        let long = format!("a\nb\x1b{}", "é".repeat(10_000));
        for failure in [Failure::of_server(&long), Failure::of_attempt(&long)] {
            assert!(!failure.words.contains(char::is_control));
            assert!(failure.words.chars().count() < 300);
        }
    }

    #[test]
    fn a_violation_names_what_was_tried_on_which_subject() {
        let parse = |text| Violation::parse(text).map(|v| (v.operation, v.subject));
        let found = |operation, subject: &str| Some((operation, subject.to_owned()));
        let publish = parse("Permissions Violation for Publish to \"a.b\"");
        assert_eq!(publish, found(Operation::Publish, "a.b"));
        let reply = parse("Permissions Violation for Publish with Reply of \"_INBOX.x\"");
        assert_eq!(reply, found(Operation::Reply, "_INBOX.x"));
        let subscribe =
            parse("Permissions Violation for Subscription to \"a.>\" using queue \"q\"");
        assert_eq!(subscribe, found(Operation::Subscribe, "a.>"));
        for text in [
            "",
            "Permissions Violation for \"x\"",
            "Permissions Violation for Publish to x",
        ] {
            assert_eq!(parse(text), None);
        }
    }
}
