//! A host that composes the chain itself: secrets go, what is left is signed and stored, and the
//! receipt says where. Run with a directory: `cargo run --example host_binary -- ./events`

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use events_core::{Event, Outcome};
use events_runtime::Emitter;
use sink_jsonl::{Journal, JsonlSink};
use sink_redact::{Config, RedactSink, Redactor, TokenKey};
use sink_sign::{SignSink, Signer, SigningKey};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let dir = PathBuf::from(
        std::env::args_os()
            .nth(1)
            .ok_or("name a directory for the events")?,
    );
    let keys = dir.join("keys");
    let journal = Journal::open(dir.join("journal"), Default::default())?;
    // With the private key comes `public.jwks.json`, which is all that a verifier needs.
    let key = SigningKey::create_once(&keys)?;
    let tokens = TokenKey::load_or_create(&keys.join("redact.key"))?;
    let redactor = Arc::new(Redactor::new(Config::builtin(tokens))?);
    let signer = Arc::new(Signer::new(Arc::new(key), Default::default()));
    let chain = SignSink::new(RedactSink::new(JsonlSink::new(journal), redactor), signer);
    println!("chain {chain}");

    // Hosts clone the emitter to wherever events arise; it batches under load by itself.
    let emitter = Emitter::new(Arc::new(chain), Default::default());
    for job in 1..=3 {
        let event = Event::builder(&format!("job-{job}"), "/host", "host.job.started")
            .extension("tenantid", "acme")
            .json(r#"{"user":"bob","password":"hunter2"}"#)
            .build()?;
        match emitter.emit(event).await? {
            Outcome::Delivered(receipt) => println!("stored {:?}", receipt.place()),
            Outcome::Spilled(receipt) => println!("waiting {:?}", receipt.place()),
        }
    }
    if !emitter.shutdown(Duration::from_secs(5)).await {
        return Err("some events got no answer in time".into());
    }
    Ok(())
}
