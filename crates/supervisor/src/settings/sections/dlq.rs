use std::path::PathBuf;
use std::time::Duration;

use crate::settings::row::{Capability, Row};
use crate::settings::section::section;
use crate::settings::values::{Bytes, Form, Given, Value, Wrong, words};

section! {
    "Spool";
    /// Where events wait while their destination is away.
    pub struct Dlq {
        /// Whether events that cannot be delivered wait in a spool on disk.
        pub mode: DlqMode = row("CONSIGN_DLQ").default("file");
        /// Where the spool is.
        pub dir: Option<PathBuf> = row("CONSIGN_DLQ_DIR")
            .default_note("$CONSIGN_DATA_DIR/spool")
            .legacy(&["CELLOS_DLQ_DIR"]);
        /// How much the spool holds.
        pub max_bytes: Bytes = row("CONSIGN_DLQ_MAX_BYTES").default("1GiB").least("1B");
        /// How long an event may wait before readiness names it; nothing is thrown out for its age.
        pub max_age: Duration = row("CONSIGN_DLQ_MAX_AGE").default("30d").least("1s");
        /// What happens to new events when the spool is full; this build knows `reject` alone.
        pub when_full: WhenFull = row("CONSIGN_DLQ_WHEN_FULL").default("reject");
        /// When the spool is synced to disk; this build knows `always` alone.
        pub fsync: Fsync = row("CONSIGN_DLQ_FSYNC").default("always");
        /// Whether events are delivered anew by themselves once the destination is back.
        pub redrive: Redrive = row("CONSIGN_DLQ_REDRIVE").default("auto");
    }
}

words! {
    /// Whether there is a spool.
    pub enum DlqMode {
        /// No: what cannot be delivered is refused.
        Off = "off",
        /// Yes, in files.
        File = "file",
    }
}

words! {
    /// What happens to new events when the spool is full.
    pub enum WhenFull {
        /// They are refused.
        Reject = "reject",
        /// The oldest make room; each one is counted and declared.
        DropOldest = "drop-oldest",
    }
}

words! {
    /// Who starts redelivery.
    pub enum Redrive {
        /// The daemon, when the destination is back.
        Auto = "auto",
        /// An operator.
        Manual = "manual",
    }
}

/// When writes are synced to disk.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fsync {
    /// Before each is confirmed.
    Always,
    /// At this distance.
    Every(Duration),
    /// When the system likes.
    Never,
}

impl Value for Fsync {
    const FORM: Form = Form::Text {
        noun: "always, never or a duration",
        example: "100ms",
    };

    fn parse(given: &Given<'_>) -> Result<Self, Wrong> {
        match given.text.to_ascii_lowercase().as_str() {
            "always" => Ok(Self::Always),
            "never" => Ok(Self::Never),
            _ => Duration::parse(given).map(Self::Every),
        }
    }
}

const fn row(name: &'static str) -> Row {
    Row::new(name).needs(Capability::Dlq)
}
