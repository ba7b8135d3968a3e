use std::net::SocketAddr;

use crate::settings::row::{Capability, Row};
use crate::settings::section::section;
use crate::settings::values::{Bytes, Secret, TokensFile, words};

section! {
    "HTTP";
    /// How events come in over HTTP, and who may bring them.
    pub struct Http {
        /// Where HTTP listens.
        pub addr: SocketAddr = Row::new("CONSIGN_HTTP_ADDR").default("127.0.0.1:8080");
        /// The bearer token that requests must show; needed when the address is not loopback.
        pub token: Option<Secret> = Row::new("CONSIGN_HTTP_TOKEN").read_on_sighup();
        /// A TOML file of further bearer tokens, each with a name and scopes; read again on SIGHUP.
        pub tokens: Option<TokensFile> =
            Row::new("CONSIGN_HTTP_TOKENS_FILE").read_on_sighup();
        /// Whether to listen beyond loopback without a token.
        pub insecure: bool = Row::new("CONSIGN_HTTP_INSECURE").default("false");
        /// The largest request body accepted.
        pub max_body: Bytes = Row::new("CONSIGN_HTTP_MAX_BODY").default("1MiB").least("64KiB");
        /// The largest number of events in one batch.
        pub max_batch: usize = Row::new("CONSIGN_HTTP_MAX_BATCH").default("1000").least("1");
        /// Where metrics and probes listen, when not beside the events.
        pub admin_addr: Option<SocketAddr> =
            Row::new("CONSIGN_ADMIN_ADDR").default_note("the address of HTTP").needs(Capability::AdminDoor);
        /// What readiness asks for: room to keep events durably, or the broker itself.
        pub ready_requires: ReadyRequires = Row::new("CONSIGN_READY_REQUIRES")
            .default("durable")
            .needs(Capability::Nats);
    }
}

words! {
    /// What readiness asks for.
    pub enum ReadyRequires {
        /// That an accepted event is durable, in the broker or on disk.
        Durable = "durable",
        /// That the broker answers.
        Broker = "broker",
    }
}
