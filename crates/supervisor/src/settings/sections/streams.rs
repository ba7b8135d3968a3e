use std::time::Duration;

use crate::settings::row::{Capability, Row};
use crate::settings::section::section;
use crate::settings::values::{ReadableFile, words};

section! {
    "Streams";
    /// How much the broker's streams are looked after.
    pub struct Streams {
        /// Whether streams are looked at (`verify`), or made and changed too (`ensure`): one for
        /// each class of the built-in routes, whether its events ever come or not.
        pub mode: StreamsMode = row("CONSIGN_STREAMS").default("verify");
        /// A TOML list of streams; its form is told in `crates/streams/README.md`.
        pub file: Option<ReadableFile> = row("CONSIGN_STREAMS_FILE").default_note("built-in");
        /// How many replicas a stream that is made has.
        pub replicas: usize = row("CONSIGN_STREAM_REPLICAS")
            .default("1")
            .least("1")
            .most("5")
            .legacy(&["CRUVERO_NATS_STREAM_REPLICAS"]);
        /// How long audit events must be kept at least.
        pub audit_min_retention: Duration = row("CONSIGN_AUDIT_MIN_RETENTION").default("90d");
    }
}

words! {
    /// How much the broker's streams are looked after.
    pub enum StreamsMode {
        /// Not at all.
        Off = "off",
        /// Looked at and warned about, never changed.
        Verify = "verify",
        /// Made and changed as declared.
        Ensure = "ensure",
    }
}

const fn row(name: &'static str) -> Row {
    Row::new(name).needs(Capability::Streams)
}
