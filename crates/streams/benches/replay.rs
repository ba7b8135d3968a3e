//! Replay with every event parsed, against a bare ordered consumer that parses nothing: the same
//! stream, server and run.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::error::Error;
use std::time::Instant;

use async_nats::jetstream::consumer::pull::OrderedConfig;
use async_nats::jetstream::stream::Config;
use async_nats::jetstream::{self, Context};
use events_core::{Event, EventSinkExt as _, Filter, NoopSink, WireEvent};
use futures::{StreamExt as _, TryStreamExt as _};
use sink_testkit::nats::NatsServer;
use streams::history::{Entry, History, Start};
use tokio::runtime::Builder;

const EVENTS: usize = 200_000;
const ROUNDS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run())
}

async fn run() -> Result<(), Box<dyn Error>> {
    let Some(server) = NatsServer::start_or_skip().await else {
        return Ok(());
    };
    let js = jetstream::new(async_nats::connect(server.url()).await?);
    let event = sample()?;
    println!(
        "info {EVENTS} events of {} bytes sealed",
        event.bytes().len()
    );
    fill(&js, &event).await?;
    println!("info parsing alone {:.0}/s", parsing(&event)?);
    let mut ratios = Vec::new();
    for _ in 0..ROUNDS {
        let bare = bare(&js).await?;
        let replay = replay(&js).await?;
        println!("info bare {bare:.0}/s, replay {replay:.0}/s");
        ratios.push(replay / bare);
    }
    ratios.sort_by(f64::total_cmp);
    let median = ratios.get(ROUNDS / 2).ok_or("no round was run")?;
    println!("ratio replay_with_parse value={median:.2} must=>=0.6 goal=>=0.9 unit=x");
    Ok(())
}

/// Events a second of a consumer that counts them.
async fn bare(js: &Context) -> Result<f64, Box<dyn Error>> {
    let stream = js.get_stream("BENCH").await?;
    let start = Instant::now();
    let consumer = stream.create_consumer(OrderedConfig::default()).await?;
    let mut messages = consumer.messages().await?.take(EVENTS);
    let mut count = 0_usize;
    while messages.try_next().await?.is_some() {
        count += 1;
    }
    per_second(count, start)
}

/// Events a second of a reading.
async fn replay(js: &Context) -> Result<f64, Box<dyn Error>> {
    let start = Instant::now();
    let history = History::new(js, ["BENCH".parse()?]);
    let mut entries = history.range(&Filter::default(), &Start::Oldest).await?;
    let mut count = 0_usize;
    while let Some(entry) = entries.try_next().await? {
        if let Entry::Item(item) = entry {
            count += usize::from(item.event().is_some());
        }
    }
    per_second(count, start)
}

/// Events a second that are read from bytes at hand: what no replay can exceed.
fn parsing(event: &WireEvent) -> Result<f64, Box<dyn Error>> {
    let start = Instant::now();
    let read = || WireEvent::from_bytes(event.bytes().clone()).is_ok();
    let count = std::iter::repeat_with(read).take(EVENTS);
    per_second(count.filter(|is_event| *is_event).count(), start)
}

fn per_second(count: usize, start: Instant) -> Result<f64, Box<dyn Error>> {
    if count != EVENTS {
        return Err(format!("{count} events came of {EVENTS}").into());
    }
    Ok(f64::from(u32::try_from(count)?) / start.elapsed().as_secs_f64())
}

async fn fill(js: &Context, event: &WireEvent) -> Result<(), Box<dyn Error>> {
    let config = Config {
        name: "BENCH".to_owned(),
        subjects: vec!["bench.>".to_owned()],
        ..Config::default()
    };
    js.create_stream(config).await?;
    let mut acks = Vec::with_capacity(1000);
    for _ in 0..EVENTS {
        acks.push(js.publish("bench.happened", event.bytes().clone()).await?);
        if acks.len() == 1000 {
            for ack in acks.drain(..) {
                ack.await?;
            }
        }
    }
    Ok(())
}

/// An event of 1 KiB, sealed.
fn sample() -> Result<WireEvent, Box<dyn Error>> {
    let data = format!(r#"{{"text":"{}"}}"#, "x".repeat(840));
    let event = Event::builder("0191f7c2-8a4e-7c1e-9d57", "/bench", "bench.happened").json(&data);
    let sealed = NoopSink.seal(vec![event.build()?]).pop();
    Ok(sealed.ok_or("nothing was sealed")??)
}
