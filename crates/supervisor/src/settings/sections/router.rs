use std::path::PathBuf;
use std::time::Duration;

use crate::settings::row::{Capability, Row};
use crate::settings::section::section;
use crate::settings::values::ReadableFile;

section! {
    "Router";
    /// Who may publish what, and through which providers.
    pub struct Router {
        /// Allow-lists of the bus.
        pub acl_file: Option<ReadableFile> = row("CONSIGN_ACL_FILE");
        /// A directory of provider packs.
        pub pack_dir: Option<PathBuf> = row("CONSIGN_PACK_DIR");
        /// How long a repeated event is recognised; the streams' duplicate window should match.
        pub idempotency_window: Duration =
            row("CONSIGN_IDEMPOTENCY_WINDOW").default("2m").least("1ms");
    }
}

const fn row(name: &'static str) -> Row {
    Row::new(name).needs(Capability::Router)
}
