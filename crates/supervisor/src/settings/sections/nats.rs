use std::path::PathBuf;
use std::time::Duration;

use crate::settings::row::{Capability, Row};
use crate::settings::section::section;
use crate::settings::values::{
    Form, Given, PrivateFile, ReadableFile, Secret, ServerUrls, Value, Wrong, words,
};

section! {
    "NATS";
    /// How the broker is reached, and what happens when it is not.
    pub struct Nats {
        /// NATS server URL(s), comma-separated.
        pub url: Option<ServerUrls> = row("CONSIGN_NATS_URL")
            .ecosystem(&["NATS_URL"])
            .legacy(&["CRUVERO_NATS_URL"]);
        /// The name of a natscli context to read.
        pub context: Option<String> = row("CONSIGN_NATS_CONTEXT").ecosystem(&["NATS_CONTEXT"]);
        /// Where natscli keeps its contexts.
        pub context_dir: Option<PathBuf> = row("CONSIGN_NATS_CONTEXT_DIR")
            .default_note("$XDG_CONFIG_HOME/nats or ~/.config/nats")
            .fallback("XDG_CONFIG_HOME")
            .translate(natscli);
        /// A .creds file.
        pub creds_file: Option<PrivateFile> = row("CONSIGN_NATS_CREDS_FILE")
            .ecosystem(&["NATS_CREDS"])
            .legacy(&["CRUVERO_NATS_CREDS_FILE"]);
        /// A file with an nkey seed.
        pub nkey_file: Option<PrivateFile> =
            row("CONSIGN_NATS_NKEY_FILE").ecosystem(&["NATS_NKEY"]);
        /// A token.
        pub token: Option<Secret> = row("CONSIGN_NATS_TOKEN").ecosystem(&["NATS_TOKEN"]);
        /// A user name.
        pub user: Option<String> = row("CONSIGN_NATS_USER").ecosystem(&["NATS_USER"]);
        /// The user's password.
        pub password: Option<Secret> =
            row("CONSIGN_NATS_PASSWORD").ecosystem(&["NATS_PASSWORD"]);
        /// The certificates that are trusted, as a PEM bundle.
        pub ca_file: Option<ReadableFile> =
            row("CONSIGN_NATS_CA_FILE").ecosystem(&["NATS_CA_FILE", "NATS_CA"]);
        /// The client's certificate, for mutual TLS.
        pub cert_file: Option<ReadableFile> =
            row("CONSIGN_NATS_CERT_FILE").ecosystem(&["NATS_CERT"]);
        /// The private key of the client's certificate.
        pub key_file: Option<PrivateFile> =
            row("CONSIGN_NATS_KEY_FILE").ecosystem(&["NATS_KEY"]);
        /// Whether the connection is encrypted; `first` shakes hands before the server speaks.
        pub tls: Tls = row("CONSIGN_NATS_TLS").default("auto").legacy(&["CRUVERO_NATS_TLS"]);
        /// The name of the connection.
        pub name: Option<String> = row("CONSIGN_NATS_NAME").default_note("consign@host");
        /// How long a connection attempt may take.
        pub connect_timeout: Duration = row("CONSIGN_NATS_CONNECT_TIMEOUT")
            .default("5s")
            .least("1ms")
            .legacy(&["CRUVERO_NATS_CONNECT_TIMEOUT"]);
        /// The first wait of the breaker, which doubles.
        pub reconnect_wait: Duration = row("CONSIGN_NATS_RECONNECT_WAIT")
            .default("100ms")
            .least("1ms")
            .legacy(&["CRUVERO_NATS_RECONNECT_WAIT"]);
        /// The longest wait of the breaker.
        pub reconnect_max_wait: Duration =
            row("CONSIGN_NATS_RECONNECT_MAX_WAIT").default("3m").least("1ms");
        /// How many attempts in a row to reconnect may fail before the daemon ends with exit code
        /// 69; -1 is without end.
        pub max_reconnects: Reconnects = row("CONSIGN_NATS_MAX_RECONNECTS")
            .default("-1")
            .legacy(&["CRUVERO_NATS_MAX_RECONNECTS"]);
        /// How long an acknowledgement may take.
        pub ack_timeout: Duration = row("CONSIGN_NATS_ACK_TIMEOUT")
            .default("5s")
            .least("1ms")
            .ecosystem(&["NATS_TIMEOUT"]);
        /// How many events may wait for acknowledgement at once.
        pub max_inflight: usize = row("CONSIGN_NATS_MAX_INFLIGHT").default("256").least("1");
        /// The mode of the CloudEvents NATS binding.
        pub mode: MessageMode = row("CONSIGN_NATS_MODE").default("structured");
        /// The JetStream domain.
        pub domain: Option<String> = row("CONSIGN_NATS_DOMAIN");
        /// The prefix of the JetStream API's subjects.
        pub api_prefix: Option<String> = row("CONSIGN_NATS_API_PREFIX");
        /// Whether a start without JetStream and its stream fails.
        pub require_jetstream: bool = row("CONSIGN_REQUIRE_JETSTREAM")
            .default("false")
            .legacy(&["CELL_OS_REQUIRE_JETSTREAM"]);
        /// What happens when the broker is away at the start.
        pub on_connect_fail: OnConnectFail = row("CONSIGN_ON_CONNECT_FAIL").default("dlq");
    }
}

impl Nats {
    /// Whether there is a broker to deliver to.
    #[must_use]
    pub fn is_named(&self) -> bool {
        self.url.is_some() || self.context.is_some()
    }
}

words! {
    /// Whether the connection is encrypted.
    pub enum Tls {
        /// When the server or the URL asks for it.
        Auto = "auto",
        /// Always.
        Required = "required",
        /// Always, with the handshake before the server's greeting.
        First = "first",
        /// Never.
        Never = "false",
    }
}

words! {
    /// A mode of the CloudEvents NATS binding.
    pub enum MessageMode {
        /// The whole event in the body.
        Structured = "structured",
        /// Attributes in headers.
        Binary = "binary",
    }
}

words! {
    /// What happens when the broker is away at the start.
    pub enum OnConnectFail {
        /// Events wait in the spool and the broker is probed.
        Dlq = "dlq",
        /// Events are forgotten, with a warning every minute.
        Noop = "noop",
        /// The start fails.
        Fail = "fail",
    }
}

/// Where natscli's files are below the user's directory of configuration.
fn natscli(config: &str) -> String {
    format!("{config}/nats")
}

/// How often to reconnect.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reconnects {
    /// Without end.
    Unlimited,
    /// So many times.
    AtMost(u32),
}

impl Value for Reconnects {
    const FORM: Form = Form::Text {
        noun: "a whole number, or -1 for no end",
        example: "10",
    };

    fn parse(given: &Given<'_>) -> Result<Self, Wrong> {
        match given.text {
            "-1" => Ok(Self::Unlimited),
            number => number.parse().map(Self::AtMost).map_err(|_| Wrong::Form),
        }
    }
}

const fn row(name: &'static str) -> Row {
    Row::new(name).needs(Capability::Nats)
}
