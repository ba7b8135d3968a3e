use std::ops::Range;
use std::sync::Arc;

use reqwest::{Method, StatusCode};
use serde::Deserialize;
use supervisor::exit::Failure;

use super::mint::Mint;
use crate::client::{Answer, Client};

/// What the supervisor said of one event.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Fate {
    /// A stream or the journal has it.
    Delivered,
    /// The spool has it.
    Spilled,
    /// It was not taken, for this reason.
    Refused(Arc<str>),
    /// Nobody said what became of it.
    Unanswered,
}

/// Hands events over, and knows how.
#[derive(Debug)]
pub(super) struct Poster {
    pub(super) client: Client,
    pub(super) mint: Arc<Mint>,
    /// Whether each request holds one event.
    pub(super) single: bool,
}

impl Poster {
    /// Hands over events of the run: what became of each, in their order.
    pub(super) async fn post(&self, events: Range<u64>) -> Vec<Fate> {
        let count = usize::try_from(events.end - events.start).unwrap_or_default();
        if !self.single {
            return match self.send(BATCH, self.mint.batch(events)).await {
                Ok((answer, _)) if answer.status == StatusCode::OK => of_batch(&answer, count),
                Ok((answer, _)) => vec![refused(&answer); count],
                Err(_) => vec![Fate::Unanswered; count],
            };
        }
        match self.send(ONE, self.mint.event(events.start)).await {
            Ok((answer, outcome)) => vec![of_one(&answer, outcome.as_deref())],
            Err(_) => vec![Fate::Unanswered],
        }
    }

    /// Hands over an event that goes ahead.
    ///
    /// # Errors
    /// What keeps the supervisor from taking it.
    pub(super) async fn post_ahead(&self, number: u64) -> Result<(), Failure> {
        let (answer, _) = self.send(ONE, self.mint.warm_up(number)).await?;
        if answer.status.is_success() {
            Ok(())
        } else {
            Err(self.client.refusal(&answer))
        }
    }

    /// The answer, and the outcome that stands in its head.
    async fn send(
        &self,
        media_type: &str,
        body: String,
    ) -> Result<(Answer, Option<String>), Failure> {
        let request = self.client.request(Method::POST, "/v1/events");
        let request = request.header("content-type", media_type).body(body);
        let lost = |error| self.client.unreachable(error);
        let response = request.send().await.map_err(lost)?;
        let status = response.status();
        let outcome = response.headers().get("consign-outcome");
        let outcome = outcome.and_then(|value| value.to_str().ok().map(str::to_owned));
        let body = response.bytes().await.map_err(lost)?.to_vec();
        Ok((Answer { status, body }, outcome))
    }
}

fn of_one(answer: &Answer, outcome: Option<&str>) -> Fate {
    match outcome {
        _ if !answer.status.is_success() => refused(answer),
        Some("spilled") => Fate::Spilled,
        _ => Fate::Delivered,
    }
}

fn of_batch(answer: &Answer, count: usize) -> Vec<Fate> {
    let results = serde_json::from_slice::<Results>(&answer.body).unwrap_or_default();
    let fate = |result: Item| match result.outcome.as_str() {
        "delivered" => Fate::Delivered,
        "spilled" => Fate::Spilled,
        _ => Fate::Refused(result.error.unwrap_or_default().kind.into()),
    };
    let mut fates: Vec<Fate> = results.results.into_iter().map(fate).collect();
    fates.resize(count, Fate::Unanswered);
    fates
}

/// By the problem's kind (RFC 9457), else by the status.
fn refused(answer: &Answer) -> Fate {
    let problem = serde_json::from_slice::<Problem>(&answer.body).ok();
    let status = answer.status.as_u16();
    let reason = match problem
        .as_ref()
        .and_then(|problem| problem.kind.rsplit(':').next())
    {
        Some(kind) => format!("{status} {kind}"),
        None => status.to_string(),
    };
    Fate::Refused(reason.into())
}

#[derive(Debug, Default, Deserialize)]
struct Results {
    results: Vec<Item>,
}

#[derive(Debug, Deserialize)]
struct Item {
    outcome: String,
    error: Option<Refusal>,
}

#[derive(Debug, Default, Deserialize)]
struct Refusal {
    kind: String,
}

#[derive(Debug, Deserialize)]
struct Problem {
    #[serde(rename = "type")]
    kind: String,
}

const ONE: &str = "application/cloudevents+json";
const BATCH: &str = "application/cloudevents-batch+json";
