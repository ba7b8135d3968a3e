//! An outage: what the broker cannot take now is safe on disk, in order, and goes out by itself
//! once the broker is back. Name a server and a directory, then stop and start the server:
//! `cargo run --example outage_and_redrive -- nats://127.0.0.1:4222 ./outage`

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use events_core::{Event, EventSinkExt as _, Outcome};
use sink_dlq::{DlqSink, Spool};
use sink_jetstream::{ConnectOptions, JetStreamSink};
use sink_sign::{Mode, SignSink, Signer, SigningKey, Verifier};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().ok_or("name a server")?.parse()?;
    let dir = PathBuf::from(arguments.next().ok_or("name a directory")?);

    let routes = Arc::default();
    // A broker that is away is no error: the connection is made in the background.
    let options = ConnectOptions::new(vec![url]);
    let jetstream =
        JetStreamSink::connect(options, Arc::clone(&routes), Default::default()).await?;
    let key = Arc::new(SigningKey::create_once(&dir.join("keys"))?);
    let signer = Arc::new(Signer::new(key, Default::default()));
    let config = sink_dlq::Config {
        routes,
        // What was changed on disk is never sent.
        verifier: Some(Verifier::new(signer.public_keys(), Mode::Strict)),
        signer: Some(Arc::clone(&signer)),
        ..Default::default()
    };
    let spool = Spool::open(dir.join("spool"), Default::default())?;
    let chain = DlqSink::new(SignSink::new(jetstream, signer), spool, config);
    chain.start();
    println!("chain {chain}");

    for n in 1..=5 {
        let event = Event::builder(&format!("reading-{n}"), "/meter", "meter.read");
        match chain.send(event.json(&n.to_string()).build()?).await? {
            Outcome::Delivered(receipt) => println!("delivered {:?}", receipt.place()),
            Outcome::Spilled(receipt) => println!("spilled {:?}", receipt.place()),
        }
    }
    let dlq = chain.handle();
    let mut patience = 600;
    while dlq.status().spool.waiting.records > 0 && patience > 0 {
        patience -= 1;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    println!("redriven {}", dlq.counters().redriven);
    println!("left {}", dlq.status().spool.waiting.records);
    dlq.close().await?;
    Ok(())
}
