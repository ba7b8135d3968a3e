//! The sink against raw pipelined async-nats with a window of 1024 acknowledgements: the same
//! events, server and run, a file stream each, and the streams' counts checked.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::collections::VecDeque;
use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use async_nats::jetstream::context::PublishAckFuture;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::Config as StreamConfig;
use async_nats::jetstream::{self, Context};
use bytes::Bytes;
use events_core::subject::Routes;
use events_core::{Event, EventSink as _, EventSinkExt as _, WireEvent};
use futures::{StreamExt as _, stream};
use sink_jetstream::{Config, ConnectOptions, JetStreamSink};
use sink_testkit::nats::NatsServer;
use tokio::runtime::Builder;

/// Events in a round.
const COUNT: usize = 40_000;
const ROUNDS: usize = 5;
const WINDOW: usize = 1024;
/// Events that are delivered at once, as a chain's queue would.
const BATCH: usize = 256;
const IN_FLIGHT: usize = 4;

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    runtime.block_on(run())
}

async fn run() -> Result<(), Box<dyn Error>> {
    let server = NatsServer::start().await?;
    let client = async_nats::connect(server.url()).await?;
    let context = jetstream::new(client);
    let options = ConnectOptions::new(vec![server.url().parse()?]);
    let routes = Arc::new(Routes::default());
    let sink = JetStreamSink::connect(options, routes, Config::default()).await?;
    let mut ratios = Vec::new();
    for round in 0..ROUNDS {
        let events = sealed(&sink, round)?;
        let payloads: Vec<Bytes> = events.iter().map(|event| event.bytes().clone()).collect();
        if round == 0 {
            let length = payloads.first().map_or(0, Bytes::len);
            println!(
                "info {COUNT} events of {length} bytes a round, window {}",
                Config::default().window
            );
        }
        fresh(&context, "RAW", "raw").await?;
        let raw = rate(raw(&context, payloads)).await?;
        counted(&context, "RAW").await?;
        fresh(&context, "HEADED", "headed").await?;
        let headed = rate(headed(&context, &events)).await?;
        counted(&context, "HEADED").await?;
        fresh(&context, "EVENTS", "consign.events.>").await?;
        let ours = rate(ours(&sink, &events)).await?;
        counted(&context, "EVENTS").await?;
        println!("info raw {raw:.0}/s, raw with headers {headed:.0}/s, sink {ours:.0}/s");
        ratios.push(ours / raw);
    }
    ratios.sort_by(f64::total_cmp);
    let median = ratios.get(ROUNDS / 2).ok_or("no round was run")?;
    println!("ratio jetstream_publish value={median:.2} must=>=0.80 goal=>=0.95 unit=x");
    Ok(())
}

/// Events a second.
async fn rate(
    work: impl Future<Output = Result<(), Box<dyn Error>>>,
) -> Result<f64, Box<dyn Error>> {
    let start = Instant::now();
    work.await?;
    Ok(f64::from(u32::try_from(COUNT)?) / start.elapsed().as_secs_f64())
}

async fn raw(context: &Context, payloads: Vec<Bytes>) -> Result<(), Box<dyn Error>> {
    let mut acks: VecDeque<PublishAckFuture> = VecDeque::with_capacity(WINDOW);
    for payload in payloads {
        if acks.len() == WINDOW
            && let Some(ack) = acks.pop_front()
        {
            ack.await?;
        }
        acks.push_back(context.publish("raw", payload).await?);
    }
    for ack in acks {
        ack.await?;
    }
    Ok(())
}

/// The same with an id and the stream's name in each message's headers, as the sink has them.
async fn headed(context: &Context, events: &[WireEvent]) -> Result<(), Box<dyn Error>> {
    let mut acks: VecDeque<PublishAckFuture> = VecDeque::with_capacity(WINDOW);
    for event in events {
        if acks.len() == WINDOW
            && let Some(ack) = acks.pop_front()
        {
            ack.await?;
        }
        let message = PublishMessage::build()
            .payload(event.bytes().clone())
            .message_id(event.message_id().to_string())
            .expected_stream("HEADED")
            .header(
                "Content-Type",
                "application/cloudevents+json; charset=UTF-8",
            );
        acks.push_back(context.send_publish("headed", message).await?);
    }
    for ack in acks {
        ack.await?;
    }
    Ok(())
}

/// Several batches in flight, as an emitter has them.
async fn ours(sink: &JetStreamSink, events: &[WireEvent]) -> Result<(), Box<dyn Error>> {
    let batches = events.chunks(BATCH).map(|batch| sink.deliver(batch));
    let mut delivered = stream::iter(batches).buffered(IN_FLIGHT);
    while let Some(results) = delivered.next().await {
        for result in results {
            drop(result?);
        }
    }
    Ok(())
}

/// An empty stream in files.
async fn fresh(context: &Context, name: &str, subjects: &str) -> Result<(), Box<dyn Error>> {
    // It is not there in the first round.
    drop(context.delete_stream(name).await);
    let config = StreamConfig {
        name: name.to_owned(),
        subjects: vec![subjects.to_owned()],
        ..StreamConfig::default()
    };
    context.create_stream(config).await?;
    Ok(())
}

async fn counted(context: &Context, name: &str) -> Result<(), Box<dyn Error>> {
    let stream = context.get_stream(name).await?;
    if stream.cached_info().state.messages == COUNT as u64 {
        Ok(())
    } else {
        Err("the stream does not hold what was acknowledged".into())
    }
}

/// Events of 1 KiB, sealed.
fn sealed(sink: &JetStreamSink, round: usize) -> Result<Vec<WireEvent>, Box<dyn Error>> {
    let data = format!(r#"{{"text":"{}"}}"#, "x".repeat(840));
    let events: Result<Vec<Event>, _> = (0..COUNT)
        .map(|number| {
            let id = format!("{round}-{number}");
            Event::builder(&id, "/bench", "bench.happened")
                .json(&data)
                .build()
        })
        .collect();
    let sealed: Result<Vec<_>, _> = sink.seal(events?).into_iter().collect();
    Ok(sealed?)
}
