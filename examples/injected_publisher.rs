//! Swapping the broker for a publisher of one's own, as a host's tests do: the chain is the real
//! one, and the test decides what the broker answers. Run it: `cargo run --example injected_publisher`

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use events_core::{Event, EventSink, EventSinkExt as _};
use sink_jetstream::{
    Ack, JetStreamSink, Link, Message, PendingAck, PublishError, Publisher, Storage, Stored,
    StreamFacts,
};
use sink_redact::{Config, RedactSink, Redactor, TokenKey};

/// What the host does, whichever chain it is given.
async fn start_job(chain: &impl EventSink, job: &str) -> Result<&'static str, Box<dyn Error>> {
    let event = Event::builder(job, "/host", "job.started").json(r#"{"password":"hunter2"}"#);
    Ok(chain.send(event.build()?).await?.as_str())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let broker = Arc::new(Scripted::default());
    let redactor = Redactor::new(Config::builtin(TokenKey::new([7; 32])))?;
    let jetstream =
        JetStreamSink::from_publisher(broker.clone(), Arc::default(), Default::default());
    let chain = RedactSink::new(jetstream, Arc::new(redactor));

    println!("job-1 is {}", start_job(&chain, "job-1").await?);
    broker.script(Err(PublishError::Disconnected));
    let refused = start_job(&chain, "job-2")
        .await
        .map_err(|error| error.to_string());
    println!("job-2 is not: {}", refused.err().unwrap_or_default());
    for message in broker.published() {
        let body = String::from_utf8_lossy(&message.payload);
        println!("{} {}", message.subject, body.contains("hunter2"));
    }
    Ok(())
}

/// A broker that remembers what it is handed and answers by script, else that it is stored.
#[derive(Debug, Default)]
struct Scripted(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    published: Vec<Message>,
    next: Option<Result<Ack, PublishError>>,
}

impl Scripted {
    fn script(&self, answer: Result<Ack, PublishError>) {
        self.state().next = Some(answer);
    }

    fn published(&self) -> Vec<Message> {
        self.state().published.clone()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Publisher for Scripted {
    fn link(&self) -> Link {
        Link::up(1)
    }

    async fn publish(&self, message: Message) -> Result<PendingAck, PublishError> {
        let mut state = self.state();
        state.published.push(message);
        let stored = Ack {
            stream: "JOBS".to_owned(),
            sequence: state.published.len() as u64,
            duplicate: false,
        };
        let answer = state.next.take().unwrap_or(Ok(stored));
        Ok(PendingAck::answered(answer))
    }

    async fn stored(&self, _: &str, _: u64) -> Result<Option<Stored>, PublishError> {
        Ok(None)
    }

    async fn stream_of(&self, _: &str) -> Result<Option<StreamFacts>, PublishError> {
        Ok(Some(StreamFacts {
            name: "JOBS".to_owned(),
            subjects: vec![
                "consign.events.>"
                    .parse()
                    .map_err(|_| PublishError::BadSubject)?,
            ],
            no_ack: false,
            storage: Storage::File,
        }))
    }
}
