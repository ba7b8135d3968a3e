use std::path::PathBuf;
use std::time::Duration;

use crate::settings::row::{Capability, Row};
use crate::settings::section::section;
use crate::settings::values::Bytes;

section! {
    "Journal";
    /// Events kept in local files.
    pub struct Journal {
        /// How much the journal keeps; beyond it the oldest segments go.
        pub max_bytes: Bytes = Row::new("CONSIGN_JOURNAL_MAX_BYTES").default("10GiB").least("1B");
        /// How long the journal keeps events.
        pub max_age: Duration = Row::new("CONSIGN_JOURNAL_MAX_AGE").default("90d").least("1s");
        /// A directory that gets every event too, besides the broker, in files like the journal's.
        pub mirror_path: Option<PathBuf> =
            Row::new("CONSIGN_JSONL_PATH").legacy(&["CELL_OS_JSONL_EVENTS"]).needs(Capability::Mirror);
        /// The size at which a file there is rotated.
        pub mirror_rotate_bytes: Option<Bytes> =
            Row::new("CONSIGN_JSONL_ROTATE_BYTES").least("1B").needs(Capability::Mirror);
    }
}
