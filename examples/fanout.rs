//! Several sinks, one of them failing: what an event's fate has to do with each, and who is sent
//! it again. `cargo run --example fanout -- ./events`

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use events_core::{Draft, ErrorKind, Event, EventSink, EventSinkExt as _, MemorySink, NoopSink};
use events_core::{Outcome, SinkError, WireEvent};
use events_runtime::{Child, Fanout};
use sink_jsonl::{Journal, JsonlSink};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let name_one = "name a directory for the events";
    let dir = PathBuf::from(std::env::args_os().nth(1).ok_or(name_one)?);
    let journal = JsonlSink::new(Journal::open(dir.join("journal"), Default::default())?);
    let remote = Remote::default();

    // Nothing depends on a best-effort child: what it misses is counted.
    let relaxed = Fanout::new(vec![
        Child::required(journal.clone()),
        Child::best_effort(remote.clone()),
    ])?;
    let outcome = relaxed.send(event("1")?).await?;
    println!("best-effort: {} all the same", outcome.as_str());
    tell(&relaxed);

    // A required child's failure is the event's. The journal has it already, and when the same
    // bytes come again it is not sent them twice.
    let strict = Fanout::new(vec![
        Child::required(journal),
        Child::required(remote.clone()),
    ])?;
    let sealed: Vec<WireEvent> = NoopSink
        .seal(vec![event("2")?])
        .into_iter()
        .collect::<Result<_, _>>()?;
    for away in [true, false] {
        remote.away.store(away, Ordering::Relaxed);
        for result in strict.deliver(&sealed).await {
            match result {
                Ok(outcome) => println!("required: {}", outcome.as_str()),
                Err(error) => println!("required: {}: {error}", error.kind()),
            }
        }
    }
    tell(&strict);
    println!("the remote has {}", remote.stored.events().len());
    Ok(())
}

fn event(id: &str) -> Result<Event, Box<dyn Error>> {
    let event = Event::builder(id, "/host", "run.finished");
    Ok(event.json(r#"{"exit":0}"#).build()?)
}

fn tell(fanout: &Fanout) {
    for child in fanout.status() {
        let (delivered, failed, kept) = (child.delivered, child.failed, child.kept);
        println!(
            "  {}: delivered {delivered}, failed {failed}, kept {kept}",
            child.name
        );
    }
}

/// A sink that is away at first.
#[derive(Clone, Debug)]
struct Remote {
    away: Arc<AtomicBool>,
    stored: Arc<MemorySink>,
}

impl Default for Remote {
    fn default() -> Self {
        Self {
            away: Arc::new(true.into()),
            stored: Arc::default(),
        }
    }
}

#[async_trait]
impl EventSink for Remote {
    fn prepare(&self, _drafts: &mut [Draft]) {}

    async fn deliver(&self, events: &[WireEvent]) -> Vec<Result<Outcome, SinkError>> {
        if self.away.load(Ordering::Relaxed) {
            let away = SinkError::new(ErrorKind::Unavailable, "reach the remote");
            return events.iter().map(|_| Err(away.clone())).collect();
        }
        self.stored.deliver(events).await
    }
}

impl fmt::Display for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("remote")
    }
}
