//! One bus, several who listen: by subject, by type, by handler, and one that is too slow. Nobody
//! emits with a word about where events go. Run with a directory for the journal:
//! `cargo run --example bus_patterns -- ./events`

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

use events_bus::{Bus, Item, Lag, Origin, Queue, Record, Tool};
use events_core::Event;
use futures::StreamExt as _;
use sink_jsonl::{Journal, JsonlSink};
use sink_redact::{Config, RedactSink, Redactor, TokenKey};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let dir = std::env::args_os().nth(1);
    let journal = PathBuf::from(dir.ok_or("name a directory for the journal")?);
    let journal = Journal::open(journal, Default::default())?;
    let redactor = Redactor::new(Config::builtin(TokenKey::new([7; 32])))?;
    let chain = RedactSink::new(JsonlSink::new(journal), Arc::new(redactor));
    let bus = Bus::new(Arc::new(chain), Arc::default());
    println!("stack {bus}");

    // By subject and by type, as streams. The slow one holds a single event.
    let mut tools = bus.subscribe("consign.events.*.tool.*".parse()?, Queue::default());
    let mut crashes = bus.subscribe_type("tool.crashed".parse()?, Queue::default());
    let single = Queue {
        events: 1,
        ..Queue::lagging(Lag::DropOldest)
    };
    let mut slow = bus.subscribe(">".parse()?, single);
    // A handler that never comes back holds up nobody else.
    let all = bus.subscribe(">".parse()?, Queue::default());
    let _handling = all.handle(|_| std::future::pending());

    let tool = Tool::new(bus.clone(), Origin::node("n1")?, "grep");
    let done = tool.run(async { Err::<(), _>("cannot reach postgres://bob:hunter2@db/files") });
    println!("grep {:?}", done.await.is_ok());
    let record = Record::warn("mcpclient", "connect_attempt", "no answer within 5 s");
    let outcome = bus.emit(Event::try_from(&record)?).await?;
    println!("record {}", outcome.as_str());

    for _ in 0..2 {
        if let Some(Item::Event(heard)) = tools.next().await {
            println!("tools heard {}", heard.subject());
        }
    }
    if let Some(Item::Event(heard)) = crashes.next().await {
        println!(
            "crashes heard {}",
            std::str::from_utf8(heard.event().bytes())?
        );
    }
    while let Some(item) = slow.next().await {
        match item {
            Item::Event(heard) => {
                println!("slow heard {}", heard.kind());
                break;
            }
            Item::Lagged { missed } => println!("slow missed {missed:?}"),
            Item::Disconnected => println!("slow was disconnected"),
        }
    }
    println!("counts {:?}", bus.counts());
    Ok(())
}
