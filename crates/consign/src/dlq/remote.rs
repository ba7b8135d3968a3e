use events_http::{DlqEntry, DlqPage, DlqQuery, DlqReport, DlqSelection};
use reqwest::StatusCode;
use supervisor::exit::{Exit, Failure};

use crate::client::{Client, misunderstood};

/// The spool of a running supervisor.
#[derive(Debug)]
pub(super) struct Remote {
    client: Client,
}

impl Remote {
    pub(super) const fn new(client: Client) -> Self {
        Self { client }
    }

    pub(super) async fn list(&self, query: &DlqQuery) -> Result<DlqPage, Failure> {
        let path = format!("/v1/dlq?{}", query.to_url_query());
        let answer = self.client.get(&path).await?;
        answer.ok_or_else(|| self.too_old())?.json()
    }

    pub(super) async fn show(&self, id: u64) -> Result<Option<DlqEntry>, Failure> {
        let answer = self.client.get(&format!("/v1/dlq/{id}")).await?;
        answer
            .map(|answer| DlqEntry::from_json(&answer.body).map_err(|_| misunderstood()))
            .transpose()
    }

    pub(super) async fn discard(&self, id: u64) -> Result<bool, Failure> {
        let answer = self.client.delete(&format!("/v1/dlq/{id}")).await?;
        Ok(answer.is_some())
    }

    /// Delivers some records anew. `None` when that takes longer than the supervisor answers, and
    /// goes on.
    pub(super) async fn redrive(&self, which: &DlqSelection) -> Result<Option<DlqReport>, Failure> {
        let body = serde_json::to_string(which)
            .map_err(|error| Failure::new(Exit::Failed, "write JSON").because(error))?;
        let answer = self.client.post("/v1/dlq/redrive", body).await?;
        let answer = answer.ok_or_else(|| self.too_old())?;
        if answer.status == StatusCode::ACCEPTED {
            return Ok(None);
        }
        answer.json().map(Some)
    }

    fn too_old(&self) -> Failure {
        Failure::new(
            Exit::Failed,
            format!("find a spool at {}", self.client.base()),
        )
        .because("it does not know /v1/dlq")
        .try_next("--url URL of a supervisor of this release")
    }
}
