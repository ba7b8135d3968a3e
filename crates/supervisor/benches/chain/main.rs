//! The whole chain over a real broker, against raw pipelined async-nats in the same run: signed,
//! redacted alone, redriven, and what an idle emitter adds to a publish.
//!
//! There are two references: one bare, and one whose messages bear a `Nats-Msg-Id`, as ours must,
//! so that the broker looks each up. Two more send raw what is as long as the events of the two
//! chains and bears the same headers: with them, and with what a signature takes by itself, the run
//! says how much of each ratio is out of reach. Processor time is told beside the rates, since it
//! depends less on what else the machine does.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

mod meter;
mod reference;
mod sample;

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::{self, Context, stream};
use events_core::{Event, EventSink, EventSinkExt as _, Outcome, SinkError, WireEvent};
use events_runtime::Emitter;
use sink_dlq::{DlqSink, Spool, SpoolConfig};
use sink_jetstream::{ConnectOptions, JetStreamSink};
use sink_redact::{RedactSink, Redactor, TokenKey};
use sink_sign::{Sign as _, SignSink, Signer, SigningKey};
use sink_testkit::nats::NatsServer;
use tokio::task::JoinSet;

use self::meter::{Meter, Run};
use self::sample::{BATCH, batch, event, payload};

fn main() -> Result<(), Box<dyn Error>> {
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let server = NatsServer::start().await?;
        let bench = Bench::new(&server.url()).await?;
        let stacks = bench.stacks(dir.path()).await?;
        throughput(&bench, &stacks).await?;
        latency(&bench, &stacks).await?;
        redrive(&bench, dir.path()).await
    })
}

/// Events a second through each stack, round by round against the references.
async fn throughput(bench: &Bench, stacks: &Stacks) -> Result<(), Box<dyn Error>> {
    let (short, long) = (length(&stacks.redacted)?, length(&stacks.signed)?);
    println!("info a redacted event takes {short} bytes, a signed one {long}");
    let mut rounds = Vec::new();
    for round in 0..ROUNDS {
        let this = Round {
            bare: bench.bare("bare").await?,
            known: bench.with_ids(&format!("known-{round}")).await?,
            short: bench.alike(short, &format!("short-{round}")).await?,
            long: bench.alike(long, &format!("long-{round}")).await?,
            redacted: bench.through(&stacks.redacted, "redacted", round).await?,
            signed: bench.through(&stacks.signed, "signed", round).await?,
        };
        println!(
            "info bare {:.0}/s, with ids {:.0}/s, redacted {:.0}/s, signed {:.0}/s",
            this.bare.rate, this.known.rate, this.redacted.rate, this.signed.rate
        );
        rounds.push(this);
    }
    let of = |figure: fn(&Round) -> f64| median(rounds.iter().map(figure).collect());
    let told: [(&str, Which); 6] = [
        ("bare", |round| &round.bare),
        ("with ids", |round| &round.known),
        ("raw, as a redacted event", |round| &round.short),
        ("redacted", |round| &round.redacted),
        ("raw, as a signed event", |round| &round.long),
        ("signed", |round| &round.signed),
    ];
    for (name, run) in told {
        let client = median(rounds.iter().map(|round| run(round).client).collect())?;
        let server = median(rounds.iter().map(|round| run(round).server).collect())?;
        println!("info {name}: {client:.1} us of the client and {server:.1} us of the broker each");
    }
    println!(
        "info with ids against bare {:.2}, redacted against with ids {:.2}",
        of(|round| round.known.rate / round.bare.rate)?,
        of(|round| round.redacted.rate / round.known.rate)?
    );
    let signature = signature()?;
    println!("info a signature takes {signature:.1} us");
    // What whoever takes no time at all could reach: the same bytes sent raw, signed by themselves.
    let most = |alike: &Run, bare: &Run, more: f64| bare.cost() / (alike.cost() + more);
    let redacted = rounds
        .iter()
        .map(|round| most(&round.short, &round.bare, 0.0));
    let signed = rounds
        .iter()
        .map(|round| most(&round.long, &round.bare, signature));
    println!(
        "ratio chain_signed value={:.2} must=>=0.35 goal=>=0.45 unit=x reach={:.2}",
        of(|round| round.signed.rate / round.bare.rate)?,
        median(signed.collect())?
    );
    println!(
        "ratio chain_redacted value={:.2} must=>=0.80 goal=>=0.95 unit=x reach={:.2}",
        of(|round| round.redacted.rate / round.bare.rate)?,
        median(redacted.collect())?
    );
    Ok(())
}

/// How long an event of the benchmark is, sealed.
fn length(sink: &Arc<dyn EventSink>) -> Result<usize, Box<dyn Error>> {
    let mut sealed = sink.seal(vec![event("a-sample-event")?]);
    let sealed = sealed.pop().ok_or("nothing was sealed")??;
    Ok(sealed.bytes().len())
}

/// Microseconds that an Ed25519 signature takes by itself, over what a signed event has signed.
fn signature() -> Result<f64, Box<dyn Error>> {
    let key = SigningKey::from_seed(&[7; 32]);
    let start = Instant::now();
    for n in 0..SINGLES {
        std::hint::black_box(key.sign(&[n as u8; SIGNED_BYTES])?);
    }
    Ok(start.elapsed().as_secs_f64() * 1e6 / SINGLES as f64)
}

/// One of a round's runs.
type Which = fn(&Round) -> &Run;

/// One run of everything, so that ratios are taken between neighbours.
struct Round {
    bare: Run,
    known: Run,
    short: Run,
    long: Run,
    redacted: Run,
    signed: Run,
}

/// What one event at a time through an idle emitter costs beyond a bare publish and its
/// acknowledgement.
async fn latency(bench: &Bench, stacks: &Stacks) -> Result<(), Box<dyn Error>> {
    let emitter = Emitter::new(stacks.signed.clone(), events_runtime::Config::default());
    let (mut bare, mut sealed, mut sent, mut emitted) = (vec![], vec![], vec![], vec![]);
    for n in 0..SINGLES {
        let payload = payload(&format!("bare-{n}"));
        let start = Instant::now();
        let ack = bench.context.publish(SUBJECT, payload.into());
        ack.await?.await?;
        bare.push(start.elapsed());
        let event = |way: &str| event(&format!("{way}-{n}"));
        let start = Instant::now();
        let events = stacks.signed.seal(vec![event("sealed")?]);
        sealed.push(start.elapsed());
        let start = Instant::now();
        let mut outcomes = deliver(&stacks.signed, events).await?;
        sent.push(start.elapsed());
        let given = event("emitted")?;
        let start = Instant::now();
        outcomes.push(emitter.emit(given).await?);
        emitted.push(start.elapsed());
        let is_stored = |outcome: &Outcome| matches!(outcome, Outcome::Delivered(_));
        if !outcomes.iter().all(is_stored) {
            return Err("an event was not delivered".into());
        }
    }
    let (bare, emitted) = (middle(bare)?, middle(emitted)?);
    let (sealed, sent) = (middle(sealed)?, middle(sent)?);
    println!(
        "info p50 of {SINGLES}: publish and ack {bare:?}; seal {sealed:?}, deliver what is sealed \
         {sent:?}; emit {emitted:?}"
    );
    let added = emitted.saturating_sub(bare).as_secs_f64() * 1e6;
    println!("ratio emit_added_latency_p50 value={added:.0} must=<=60 goal=<=30 unit=us");
    emitter.shutdown(Duration::from_secs(5)).await;
    Ok(())
}

/// Delivers what was sealed; nothing is refused.
async fn deliver(
    sink: &Arc<dyn EventSink>,
    sealed: Vec<Result<WireEvent, SinkError>>,
) -> Result<Vec<Outcome>, SinkError> {
    let events = sealed.into_iter().collect::<Result<Vec<_>, _>>()?;
    sink.deliver(&events).await.into_iter().collect()
}

/// Events a second out of a spool that filled while the broker was away.
async fn redrive(bench: &Bench, dir: &Path) -> Result<(), Box<dyn Error>> {
    let server = NatsServer::start().await?;
    let there = Bench::new(&server.url()).await?;
    let mut server = server;
    server.kill().await?;
    let stacks = there.stacks(&dir.join("redrive")).await?;
    let mut sent = 0;
    while sent < EVENTS {
        let outcomes = stacks.signed.send_all(batch("redriven", 0, sent)?).await;
        for outcome in outcomes {
            if !matches!(outcome?, Outcome::Spilled(_)) {
                return Err("an event was delivered to a broker that is away".into());
            }
            sent += 1;
        }
    }
    server.restart().await?;
    let start = Instant::now();
    let mut first = None;
    while stacks.dlq.status().spool.waiting.records > 0 {
        if first.is_none() && stacks.dlq.counters().redriven > 0 {
            first = Some(Instant::now());
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let redriven = stacks.dlq.counters().redriven;
    let took = first.unwrap_or(start).elapsed();
    if redriven != EVENTS as u64 {
        return Err(format!("{redriven} of {EVENTS} were redriven").into());
    }
    let waited = first.map(|first| first - start);
    println!("info redrive began {waited:?} after the broker was back");
    let raw = bench.bare("redrive").await?.rate;
    let ratio = EVENTS as f64 / took.as_secs_f64() / raw;
    println!("ratio redrive value={ratio:.2} must=>=0.10 goal=>=0.30 unit=x");
    Ok(())
}

/// A broker with one stream, and a client of the benchmark's own.
struct Bench {
    url: String,
    context: Context,
}

/// The chains that are measured.
struct Stacks {
    signed: Arc<dyn EventSink>,
    redacted: Arc<dyn EventSink>,
    dlq: sink_dlq::Dlq,
}

impl Bench {
    async fn new(url: &str) -> Result<Self, Box<dyn Error>> {
        let context = jetstream::new(async_nats::connect(url).await?);
        let stream = stream::Config {
            name: "BENCH".to_owned(),
            subjects: vec!["consign.events.>".to_owned()],
            ..stream::Config::default()
        };
        context.create_stream(stream).await?;
        Ok(Self {
            url: url.to_owned(),
            context,
        })
    }

    async fn stacks(&self, dir: &Path) -> Result<Stacks, Box<dyn Error>> {
        let redactor = sink_redact::Config::builtin(TokenKey::new([7; 32]));
        let redactor = Arc::new(Redactor::new(redactor)?);
        let key = Arc::new(SigningKey::from_seed(&[7; 32]));
        let signer = Arc::new(Signer::new(key, sink_sign::Config::default()));
        let jetstream = self.sink().await?;
        let redacted = RedactSink::new(jetstream.clone(), redactor.clone());
        let signed = SignSink::new(RedactSink::new(jetstream, redactor), signer.clone());
        let spool = SpoolConfig {
            reserve_bytes: 0,
            ..SpoolConfig::default()
        };
        let spool = Spool::open(dir, spool)?;
        let config = sink_dlq::Config {
            signer: Some(signer),
            ..sink_dlq::Config::default()
        };
        let signed = DlqSink::new(signed, spool, config);
        signed.start();
        let dlq = signed.handle();
        Ok(Stacks {
            signed: Arc::new(signed),
            redacted: Arc::new(redacted),
            dlq,
        })
    }

    async fn sink(&self) -> Result<JetStreamSink, Box<dyn Error>> {
        let options = ConnectOptions::new(vec![self.url.parse()?]);
        let config = sink_jetstream::Config {
            window: WINDOW,
            ..sink_jetstream::Config::default()
        };
        let sink = JetStreamSink::connect(options, Arc::default(), config).await?;
        sink.wait_connected(Duration::from_secs(1)).await;
        Ok(sink)
    }

    /// The bare reference.
    async fn bare(&self, name: &str) -> Result<Run, Box<dyn Error>> {
        self.raw(reference::bare(&payload(name).into(), EVENTS))
            .await
    }

    /// The reference whose messages bear ids.
    async fn with_ids(&self, name: &str) -> Result<Run, Box<dyn Error>> {
        let messages = reference::with_ids(&payload(name).into(), EVENTS, name);
        self.raw(messages).await
    }

    /// What is as long as an event of a chain, with the same headers.
    async fn alike(&self, bytes: usize, name: &str) -> Result<Run, Box<dyn Error>> {
        self.raw(reference::alike(bytes, EVENTS, name)).await
    }

    async fn raw(&self, messages: Vec<PublishMessage>) -> Result<Run, Box<dyn Error>> {
        let before = self.stored().await?;
        let run = reference::publish(&self.context, SUBJECT, messages, WINDOW).await?;
        self.grown_by_all(before).await?;
        Ok(run)
    }

    /// The chain: batches of what an emitter hands on, a few in flight.
    async fn through(
        &self,
        sink: &Arc<dyn EventSink>,
        name: &str,
        round: usize,
    ) -> Result<Run, Box<dyn Error>> {
        let before = self.stored().await?;
        // Made beforehand: parsing is the host's work.
        let batches: Vec<Vec<Event>> = (0..EVENTS / BATCH)
            .map(|at| batch(name, round, at * BATCH))
            .collect::<Result<_, _>>()?;
        let meter = Meter::start()?;
        let mut senders = JoinSet::new();
        for batch in batches {
            if senders.len() >= IN_FLIGHT
                && let Some(outcomes) = senders.join_next().await
            {
                delivered(outcomes?)?;
            }
            let sink = Arc::clone(sink);
            senders.spawn(async move { sink.send_all(batch).await });
        }
        while let Some(outcomes) = senders.join_next().await {
            delivered(outcomes?)?;
        }
        let run = meter.stop(EVENTS)?;
        self.grown_by_all(before).await?;
        Ok(run)
    }

    async fn stored(&self) -> Result<u64, Box<dyn Error>> {
        let stream = self.context.get_stream("BENCH").await?;
        Ok(stream.get_info().await?.state.messages)
    }

    async fn grown_by_all(&self, before: u64) -> Result<(), Box<dyn Error>> {
        let grown = self.stored().await? - before;
        if grown != EVENTS as u64 {
            return Err(format!("{grown} of {EVENTS} events are in the stream").into());
        }
        Ok(())
    }
}

fn delivered(outcomes: Vec<Result<Outcome, SinkError>>) -> Result<(), Box<dyn Error>> {
    for outcome in outcomes {
        if !matches!(outcome?, Outcome::Delivered(_)) {
            return Err("an event was not delivered".into());
        }
    }
    Ok(())
}

fn median(mut values: Vec<f64>) -> Result<f64, &'static str> {
    values.sort_by(f64::total_cmp);
    values
        .get(values.len() / 2)
        .copied()
        .ok_or("nothing was measured")
}

fn middle(mut values: Vec<Duration>) -> Result<Duration, &'static str> {
    values.sort();
    values
        .get(values.len() / 2)
        .copied()
        .ok_or("nothing was measured")
}

const SUBJECT: &str = "consign.events.single.run.step.done";
const EVENTS: usize = 20_480;
const IN_FLIGHT: usize = 4;
const WINDOW: usize = 1024;
const ROUNDS: usize = 5;
const SINGLES: usize = 2_000;
/// The length of the DSSE pre-authentication encoding of the benchmark's events.
const SIGNED_BYTES: usize = 270;
