use crate::settings::row::Row;
use crate::settings::section::section;
use crate::settings::values::{FieldNames, ReadableFile, words};

section! {
    "Redaction";
    /// What is removed from events before anything else sees them.
    pub struct Redact {
        /// Which rules remove secrets; `file` insists on a file of rules beside the built-in ones.
        pub mode: RedactMode = Row::new("CONSIGN_REDACT").default("builtin");
        /// Names of fields whose values go besides; `defaults` is argv, path and reason.
        pub fields: Option<FieldNames> = Row::new("CONSIGN_REDACT_FIELDS")
            .legacy(&["CELLOS_REDACT_EVENT_FIELDS"])
            .read_on_sighup();
        /// A file of further rules: key names, regular expressions, JSON pointers.
        pub rules_file: Option<ReadableFile> =
            Row::new("CONSIGN_REDACT_RULES_FILE").read_on_sighup();
    }
}

words! {
    /// Which rules remove secrets.
    pub enum RedactMode {
        /// None: events pass as they are.
        Off = "off",
        /// The built-in ones, and those of the rules file when there is one.
        Builtin = "builtin",
        /// The built-in ones and those of the rules file, which must be named.
        File = "file",
    }
}
