use serde::Deserialize;
use serde_json::value::RawValue;
use supervisor::exit::Failure;

use crate::client::{Client, misunderstood};

/// A running supervisor's chain. Events go there in batches, in order.
#[derive(Debug)]
pub(crate) struct Chain<T> {
    client: Client,
    batch: String,
    tags: Vec<T>,
}

/// What became of an event.
#[derive(Debug)]
pub(crate) enum Fate {
    /// In a stream, a journal or the spool: the outcome's word and the receipt.
    Kept {
        outcome: String,
        receipt: Box<RawValue>,
    },
    /// Nothing of it was kept; why.
    Refused(String),
}

impl<T> Chain<T> {
    pub(crate) const fn new(client: Client) -> Self {
        Self {
            client,
            batch: String::new(),
            tags: Vec::new(),
        }
    }

    /// Adds an event in structured mode. Returns what became of those before it, when a batch is
    /// full.
    pub(crate) async fn hand_over(
        &mut self,
        tag: T,
        event: &str,
    ) -> Result<Vec<(T, Fate)>, Failure> {
        let room = self.batch.len() + event.len() < BYTES && self.tags.len() < EVENTS;
        let answered = if room || self.tags.is_empty() {
            Vec::new()
        } else {
            self.finish().await?
        };
        self.batch
            .push(if self.tags.is_empty() { '[' } else { ',' });
        self.batch.push_str(event);
        self.tags.push(tag);
        Ok(answered)
    }

    /// Hands over what is left.
    pub(crate) async fn finish(&mut self) -> Result<Vec<(T, Fate)>, Failure> {
        if self.tags.is_empty() {
            return Ok(Vec::new());
        }
        let mut batch = std::mem::take(&mut self.batch);
        batch.push(']');
        let answer = self.client.submit(batch).await?.ok_or_else(misunderstood)?;
        let Results { results } = answer.json()?;
        let tags = std::mem::take(&mut self.tags);
        if results.len() != tags.len() {
            return Err(misunderstood());
        }
        let fates = results.into_iter().map(|result| match result {
            Answer {
                outcome,
                receipt: Some(receipt),
                ..
            } => Ok(Fate::Kept { outcome, receipt }),
            Answer {
                error: Some(error), ..
            } => Ok(Fate::Refused(error.in_words())),
            _ => Err(misunderstood()),
        });
        tags.into_iter()
            .zip(fates)
            .map(|(tag, fate)| Ok((tag, fate?)))
            .collect()
    }
}

#[derive(Deserialize)]
struct Results {
    results: Vec<Answer>,
}

#[derive(Deserialize)]
struct Answer {
    outcome: String,
    receipt: Option<Box<RawValue>>,
    error: Option<Refusal>,
}

#[derive(Deserialize)]
struct Refusal {
    kind: String,
    detail: String,
}

impl Refusal {
    fn in_words(&self) -> String {
        crate::human::safe(&format!("{}: {}", self.kind, self.detail))
    }
}

/// Below what a supervisor takes at once by default.
const BYTES: usize = 512 << 10;
const EVENTS: usize = 200;
