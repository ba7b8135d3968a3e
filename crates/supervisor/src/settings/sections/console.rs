use std::path::PathBuf;

use crate::settings::row::{Capability, Row};
use crate::settings::section::section;
use crate::settings::values::words;

section! {
    "Console and live stream";
    /// What browsers see.
    pub struct Console {
        /// Whether the web console is served, and whether it may change anything.
        pub mode: ConsoleMode =
            Row::new("CONSIGN_CONSOLE").default("on").needs(Capability::Console);
        /// A directory to serve the console from, for those who change it.
        pub dir: Option<PathBuf> =
            Row::new("CONSIGN_CONSOLE_DIR").default_note("built-in").needs(Capability::Console);
        /// How many events a slow reader of the live stream may lag behind.
        pub sse_buffer: usize =
            Row::new("CONSIGN_SSE_BUFFER").default("1024").least("1").needs(Capability::Live);
        /// How many readers the live stream may have.
        pub sse_max_clients: usize =
            Row::new("CONSIGN_SSE_MAX_CLIENTS").default("64").least("1").needs(Capability::Live);
    }
}

words! {
    /// Whether the web console is served.
    pub enum ConsoleMode {
        /// Yes.
        On = "on",
        /// Yes, without the means to change anything.
        ReadOnly = "read-only",
        /// No.
        Off = "off",
    }
}
