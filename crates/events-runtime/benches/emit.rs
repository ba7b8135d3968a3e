//! What the emitter costs: the latency it adds to one event on an idle machine, and how many
//! events go through it when the sink costs nothing.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use events_core::{Event, EventSinkExt as _, MemorySink, NoopSink};
use events_runtime::{Config, Emitter};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

fn main() -> Result<(), Box<dyn Error>> {
    let event = Event::builder("0191f7c2-8a4e-7c1e", "urn:cell:c7", "run.step.done")
        .json(&format!(r#"{{"text":"{}"}}"#, "x".repeat(1000)))
        .build()?;
    for (name, runtime) in [
        (
            "one thread",
            Builder::new_current_thread().enable_time().build()?,
        ),
        (
            "two threads",
            Builder::new_multi_thread()
                .worker_threads(2)
                .enable_time()
                .build()?,
        ),
    ] {
        let direct = direct_latency(&runtime, &event);
        let emitted = emit_latency(&runtime, &event);
        println!("info {name}: send {direct:.1} us, emit {emitted:.1} us, p50 of {SAMPLES}");
        for senders in [1, 64, 512] {
            let rate = emit_rate(&runtime, &event, senders);
            println!("info {name}: {senders} senders of one event, {rate:.0} events/s");
        }
        let rate = batch_rate(&runtime, &event);
        println!("info {name}: batches of 256, {rate:.0} events/s");
    }
    Ok(())
}

fn direct_latency(runtime: &Runtime, event: &Event) -> f64 {
    let sink = MemorySink::default();
    runtime.block_on(async { p50(async || drop(sink.send(event.clone()).await)).await })
}

fn emit_latency(runtime: &Runtime, event: &Event) -> f64 {
    runtime.block_on(async {
        let emitter = Emitter::new(Arc::new(MemorySink::default()), Config::default());
        p50(async || drop(emitter.emit(event.clone()).await)).await
    })
}

/// Senders that each wait for an answer before they send the next event.
fn emit_rate(runtime: &Runtime, event: &Event, senders: usize) -> f64 {
    runtime.block_on(async {
        let emitter = Emitter::new(Arc::new(NoopSink), Config::default());
        let start = Instant::now();
        let mut tasks = JoinSet::new();
        for _ in 0..senders {
            let (emitter, event) = (emitter.clone(), event.clone());
            tasks.spawn(async move {
                for _ in 0..EVENTS / senders {
                    drop(emitter.emit(event.clone()).await);
                }
            });
        }
        tasks.join_all().await;
        rate(emitter.counts().accepted, start.elapsed())
    })
}

fn batch_rate(runtime: &Runtime, event: &Event) -> f64 {
    runtime.block_on(async {
        let emitter = Emitter::new(Arc::new(NoopSink), Config::default());
        let start = Instant::now();
        for _ in 0..EVENTS / 256 {
            drop(emitter.emit_all(vec![event.clone(); 256]).await);
        }
        rate(emitter.counts().accepted, start.elapsed())
    })
}

/// The median time of a call, in microseconds.
async fn p50(call: impl AsyncFn()) -> f64 {
    let mut times = Vec::with_capacity(SAMPLES);
    for _ in 0..SAMPLES {
        let start = Instant::now();
        call().await;
        times.push(start.elapsed());
    }
    times.sort_unstable();
    let median = times.get(SAMPLES / 2).copied().unwrap_or_default();
    median.as_secs_f64() * 1e6
}

#[expect(clippy::cast_precision_loss, reason = "a benchmark's counts are small")]
fn rate(events: u64, time: Duration) -> f64 {
    events as f64 / time.as_secs_f64()
}

const SAMPLES: usize = 20_000;
const EVENTS: usize = 256_000;
