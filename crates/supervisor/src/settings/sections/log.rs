use crate::settings::row::Row;
use crate::settings::section::section;
use crate::settings::values::{LogFilter, words};

section! {
    "Logs";
    /// The logs of the daemon itself.
    pub struct Log {
        /// Which lines are logged: a level, or target=level pairs.
        pub filter: LogFilter =
            Row::new("CONSIGN_LOG").default("info").above(&["RUST_LOG"]).read_on_sighup();
        /// The form of a line; `auto` is text on a terminal, else JSON.
        pub format: LogFormat = Row::new("CONSIGN_LOG_FORMAT").default("auto");
    }
}

words! {
    /// The form of a log line.
    pub enum LogFormat {
        /// Text on a terminal, else JSON.
        Auto = "auto",
        /// Text for people.
        Text = "text",
        /// One JSON object a line.
        Json = "json",
    }
}
