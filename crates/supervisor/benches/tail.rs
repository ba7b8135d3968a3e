//! The live tail over HTTP against who reads the same place barely: an ordered consumer, and a
//! reading of the journal. And the newest of a million, asked over HTTP.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::error::Error;
use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use async_nats::jetstream::consumer::pull::OrderedConfig;
use async_nats::jetstream::{self, Context};
use events_core::subject::Routes;
use events_core::{Event, EventSinkExt as _, Filter, NoopSink, WireEvent};
use futures::{StreamExt as _, TryStreamExt as _};
use sink_jsonl::history::{History, Start};
use sink_jsonl::{Config, Journal};
use sink_testkit::nats::NatsServer;
use supervisor::settings::Settings;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        over_streams(dir.path()).await?;
        let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        over_the_journal(dir.path()).await?;
        let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        a_million_in_the_journal(dir.path()).await
    })
}

async fn over_streams(data: &Path) -> Result<(), Box<dyn Error>> {
    let server = NatsServer::start().await?;
    let url = server.url();
    let daemon = Daemon::start(
        data,
        &[("CONSIGN_NATS_URL", &url), ("CONSIGN_STREAMS", "ensure")],
    )?;
    daemon.up().await?;
    let js = jetstream::new(async_nats::connect(&url).await?);
    fill(&js, &sample(LONG)?, EVENTS).await?;
    let mut ratios = Vec::new();
    for _ in 0..ROUNDS {
        let (bare, sse) = (ordered(&js).await?, daemon.follow().await?);
        println!("info ordered consumer {bare:.0}/s, live tail {sse:.0}/s");
        ratios.push(sse / bare);
    }
    verdict("sse_over_streams", ratios)?;
    fill(&js, &sample(SHORT)?, MILLION - EVENTS).await?;
    daemon.newest("streams").await?;
    daemon.running.abort();
    Ok(())
}

async fn over_the_journal(data: &Path) -> Result<(), Box<dyn Error>> {
    let dir = data.join("journal");
    std::fs::create_dir_all(&dir)?;
    append(&dir, &sample(LONG)?, EVENTS).await?;
    let daemon = Daemon::start(data, &[])?;
    daemon.up().await?;
    let mut ratios = Vec::new();
    for _ in 0..ROUNDS {
        let (bare, sse) = (read(&dir).await?, daemon.follow().await?);
        println!("info journal read {bare:.0}/s, live tail {sse:.0}/s");
        ratios.push(sse / bare);
    }
    daemon.running.abort();
    verdict("sse_over_journal", ratios)
}

async fn a_million_in_the_journal(data: &Path) -> Result<(), Box<dyn Error>> {
    let dir = data.join("journal");
    std::fs::create_dir_all(&dir)?;
    append(&dir, &sample(SHORT)?, MILLION).await?;
    let daemon = Daemon::start(data, &[])?;
    daemon.up().await?;
    daemon.newest("journal").await?;
    daemon.running.abort();
    Ok(())
}

/// A supervisor in this process.
struct Daemon {
    addr: String,
    running: JoinHandle<()>,
}

impl Daemon {
    fn start(data: &Path, more: &[(&str, &str)]) -> Result<Self, Box<dyn Error>> {
        let addr = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let data = data.display().to_string();
        let mut variables = vec![("CONSIGN_DATA_DIR", &*data), ("CONSIGN_HTTP_ADDR", &*addr)];
        variables.extend(more);
        let names: Vec<String> = variables
            .iter()
            .map(|(name, _)| (*name).to_owned())
            .collect();
        let lookup = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let (settings, _) = Settings::from_lookup(&lookup, &names)?;
        let running = tokio::spawn(async {
            if let Err(failure) = supervisor::daemon::run(settings).await {
                println!("info the supervisor ended: {failure:?}");
            }
        });
        Ok(Self { addr, running })
    }

    /// Waits until it answers.
    async fn up(&self) -> Result<(), Box<dyn Error>> {
        let begun = Instant::now();
        while TcpStream::connect(&self.addr).await.is_err() {
            if begun.elapsed() > Duration::from_secs(30) {
                return Err("the supervisor does not answer".into());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // Its streams are there a moment later.
        tokio::time::sleep(Duration::from_secs(1)).await;
        Ok(())
    }

    /// Events a second of a client that reads all there are.
    async fn follow(&self) -> Result<f64, Box<dyn Error>> {
        let begun = Instant::now();
        let mut stream = self.ask("/v1/events/stream?since=1d").await?;
        let (mut frames, mut before) = (0, 0);
        let mut piece = vec![0; 256 << 10];
        // The greeting is one more, and so may be signs of life.
        while frames <= EVENTS {
            let length = stream.read(&mut piece).await?;
            if length == 0 {
                return Err("the live tail ended".into());
            }
            for byte in piece.iter().take(length) {
                frames += usize::from(*byte == b'\n' && before == b'\n');
                before = *byte;
            }
        }
        per_second(EVENTS, begun)
    }

    /// Prints how long the newest hundred take.
    async fn newest(&self, place: &str) -> Result<(), Box<dyn Error>> {
        let begun = Instant::now();
        let mut stream = self.ask("/v1/events?limit=100").await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        let took = begun.elapsed().as_secs_f64() * 1000.0;
        let answer = String::from_utf8(answer)?;
        let found = answer.matches(r#""specversion""#).count();
        if found != 100 {
            return Err(format!(
                "{found} events of 100: {}",
                answer.lines().next().unwrap_or("")
            )
            .into());
        }
        println!("info newest 100 of {MILLION} in the {place}: {took:.1} ms");
        Ok(())
    }

    async fn ask(&self, path: &str) -> Result<TcpStream, Box<dyn Error>> {
        let mut stream = TcpStream::connect(&self.addr).await?;
        let head = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await?;
        Ok(stream)
    }
}

/// Events a second of a consumer that counts them.
async fn ordered(js: &Context) -> Result<f64, Box<dyn Error>> {
    let stream = js.get_stream("CONSIGN_EVENTS").await?;
    let begun = Instant::now();
    let consumer = stream.create_consumer(OrderedConfig::default()).await?;
    let mut messages = consumer.messages().await?.take(EVENTS);
    let mut count = 0;
    while messages.try_next().await?.is_some() {
        count += 1;
    }
    per_second(count, begun)
}

/// Events a second of a reading of the journal that counts them.
async fn read(dir: &Path) -> Result<f64, Box<dyn Error>> {
    let begun = Instant::now();
    let history = History::new(dir, Routes::default());
    let mut entries = history.range(&Filter::default(), Start::Oldest).await?;
    let mut count = 0;
    while entries.try_next().await?.is_some() {
        count += 1;
    }
    per_second(count, begun)
}

async fn fill(js: &Context, event: &WireEvent, count: usize) -> Result<(), Box<dyn Error>> {
    let mut acks = Vec::with_capacity(1000);
    for number in 1..=count {
        acks.push(js.publish(SUBJECT, event.bytes().clone()).await?);
        if acks.len() == 1000 || number == count {
            for ack in acks.drain(..) {
                ack.await?;
            }
        }
    }
    Ok(())
}

async fn append(dir: &Path, event: &WireEvent, count: usize) -> Result<(), Box<dyn Error>> {
    let journal = Journal::open(dir, Config::default())?;
    let mut left = count;
    while left > 0 {
        let batch = vec![event.clone(); left.min(5000)];
        for result in journal.append(&batch).await {
            let _receipt = result?;
        }
        left -= batch.len();
    }
    Ok(journal.close().await?)
}

fn verdict(name: &str, mut ratios: Vec<f64>) -> Result<(), Box<dyn Error>> {
    ratios.sort_by(f64::total_cmp);
    let median = ratios.get(ROUNDS / 2).ok_or("no round was run")?;
    println!("ratio {name} value={median:.2} must=>=0.3 goal=>=0.6 unit=x");
    Ok(())
}

fn per_second(count: usize, begun: Instant) -> Result<f64, Box<dyn Error>> {
    if count != EVENTS {
        return Err(format!("{count} events came of {EVENTS}").into());
    }
    Ok(f64::from(u32::try_from(count)?) / begun.elapsed().as_secs_f64())
}

/// An event with that much text, sealed.
fn sample(text: usize) -> Result<WireEvent, Box<dyn Error>> {
    let data = format!(r#"{{"text":"{}"}}"#, "x".repeat(text));
    let event = Event::builder("0191f7c2-8a4e-7c1e-9d57", "/bench", "bench.happened").json(&data);
    let sealed = NoopSink.seal(vec![event.build()?]).pop();
    Ok(sealed.ok_or("nothing was sealed")??)
}

const SUBJECT: &str = "consign.events.single.bench.happened";
const EVENTS: usize = 100_000;
const MILLION: usize = 1_000_000;
const ROUNDS: usize = 5;
/// Of 1 KiB with the rest of the event.
const LONG: usize = 840;
const SHORT: usize = 10;
