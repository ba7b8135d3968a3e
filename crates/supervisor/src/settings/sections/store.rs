use crate::settings::row::{Capability, Row};
use crate::settings::section::section;
use crate::settings::values::Secret;

section! {
    "Store";
    /// Events kept in a database.
    pub struct Store {
        /// The database, `sqlite:path` or `postgres://…`; its table is `agent_events`.
        pub url: Option<Secret> = Row::new("CONSIGN_STORE_URL")
            .ecosystem(&["DATABASE_URL"])
            .needs(Capability::Store);
    }
}
