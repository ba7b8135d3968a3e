use async_nats::jetstream::Context;
use serde::{Deserialize, Serialize};

use crate::StreamsError;
use crate::api::{Answer, ask, refused};

/// What an account uses of JetStream, and may use.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Account {
    /// Bytes in memory.
    #[serde(default)]
    pub memory: u64,
    /// Bytes in files.
    #[serde(default)]
    pub storage: u64,
    /// How many streams there are.
    #[serde(default)]
    pub streams: u64,
    /// How many consumers there are.
    #[serde(default)]
    pub consumers: u64,
    #[serde(default)]
    limits: Limits,
}

impl Account {
    /// How many bytes in files it may use; `None` without a limit.
    #[must_use]
    pub fn storage_limit(&self) -> Option<u64> {
        u64::try_from(self.limits.max_storage).ok()
    }
}

/// What the login's account uses. The smallest thing to ask JetStream for.
///
/// # Errors
/// The server does not answer, or has no JetStream.
pub async fn account(js: &Context) -> Result<Account, StreamsError> {
    let doing = "ask for the account";
    let answer: Answer<Account> = ask(js, "INFO".to_owned(), &(), doing).await?;
    answer.map_err(|error| refused("", doing.to_owned(), &error))
}

#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
struct Limits {
    #[serde(default)]
    max_storage: i64,
}
