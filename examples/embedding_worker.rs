//! A worker on the bus: it hears requests, emits results, and gives up on what fails three times
//! with a dead letter, which somebody else hears on the same bus. Run with a directory for the
//! journal: `cargo run --example embedding_worker -- ./events`

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;
use std::sync::Arc;

use events_bus::{
    Bus, EmbedFailed, EmbedRequested, EmbedResult, Item, Lag, Lifecycle as _, Origin, Queue,
};
use futures::StreamExt as _;
use sink_jsonl::{Journal, JsonlSink};
use sink_redact::{Config, RedactSink, Redactor, TokenKey};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let dir = std::env::args_os().nth(1);
    let dir = dir.ok_or("name a directory for the journal")?;
    let journal = JsonlSink::new(Journal::open(dir, Default::default())?);
    let redactor = Redactor::new(Config::builtin(TokenKey::new([7; 32])))?;
    let chain = RedactSink::new(journal, Arc::new(redactor));
    let bus = Bus::new(Arc::new(chain), Arc::default());

    // What is emitted while nobody listens is missed: those who must hear come first. A worker that
    // falls behind is waited for, for a while; past that it is told what it missed, and reads it
    // from the journal, or from the work queue where there is a broker.
    let patient = || Queue::lagging(Lag::Wait(PATIENCE));
    let requests = bus.subscribe("consign.embed.requests".parse()?, patient());
    let mut answers = bus.subscribe("consign.embed.results".parse()?, patient());
    let mut letters = bus.subscribe("consign.embed.dlq".parse()?, patient());
    let worker = Worker {
        origin: Origin::component("embedder")?,
        bus: bus.clone(),
    };
    let _working = requests.handle(move |item| worker.clone().answer(item));

    let client = Origin::component("indexer")?;
    for (request, text) in [("q1", "a river"), ("q2", ""), ("q3", "a mountain")] {
        let asked = EmbedRequested {
            request: request.to_owned(),
            model: "letters".to_owned(),
            text: text.to_owned(),
        };
        let outcome = bus.emit(client.event(&asked)?).await?;
        println!("asked {request}, {}", outcome.as_str());
    }
    for _ in 0..2 {
        if let Some(Item::Event(heard)) = answers.next().await {
            let result = EmbedResult::read(heard.event())?;
            println!("result {} {:?}", result.request, result.vector);
        }
    }
    if let Some(Item::Event(heard)) = letters.next().await {
        let letter = EmbedFailed::read(heard.event())?;
        let EmbedFailed {
            request,
            error,
            attempts,
        } = letter;
        println!("dead letter {request} after {attempts} attempts: {error}");
    }
    Ok(())
}

#[derive(Clone)]
struct Worker {
    origin: Origin,
    bus: Bus,
}

impl Worker {
    /// Embeds what was asked for, and says what came of it.
    async fn answer(self, item: Item) {
        if let Err(error) = self.try_answer(item).await {
            println!("no answer: {error}");
        }
    }

    async fn try_answer(self, item: Item) -> Result<(), Box<dyn Error + Send + Sync>> {
        let Item::Event(heard) = item else {
            return Err("requests were missed".into());
        };
        let asked = EmbedRequested::read(heard.event())?;
        let mut attempts = 0;
        let event = loop {
            attempts += 1;
            match embed(&asked.text) {
                Ok(vector) => {
                    break self.origin.event(&EmbedResult {
                        request: asked.request,
                        model: asked.model,
                        vector,
                    })?;
                }
                Err(error) if attempts == MOST => {
                    break self.origin.event(&EmbedFailed {
                        request: asked.request,
                        error: error.to_owned(),
                        attempts,
                    })?;
                }
                Err(_) => {}
            }
        };
        // In a journal or a stream once this is there.
        let _stored = self.bus.emit(event).await?;
        Ok(())
    }
}

/// As a model would, of two letters.
fn embed(text: &str) -> Result<Vec<f32>, &'static str> {
    if text.is_empty() {
        return Err("there is no text");
    }
    let share = |letter| {
        let found = u16::try_from(text.matches(letter).count()).unwrap_or(u16::MAX);
        let all = u16::try_from(text.len()).unwrap_or(u16::MAX);
        f32::from(found) / f32::from(all)
    };
    Ok(vec![share('a'), share('n')])
}

const MOST: u64 = 3;
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(1);
