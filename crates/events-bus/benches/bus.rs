//! What the bus costs: matching at 100,000 subscriptions, and a delivery to each subscriber.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::error::Error;
use std::future::pending;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Instant;

use events_bus::{Bus, Heard, Queue, Subscription};
use events_core::subject::{Routes, SubjectPattern};
use events_core::{Event, EventSinkExt as _, NoopSink, WireEvent};
use futures::executor::block_on;
use futures::{FutureExt as _, StreamExt as _};
use tokio::runtime::Builder;

const SUBSCRIPTIONS: usize = 100_000;
const SUBSCRIBERS: usize = 1_000;
const ROUNDS: usize = 9;
const STRETCH: usize = 200;
const STRETCHES: usize = 201;

fn main() -> Result<(), Box<dyn Error>> {
    matching()?;
    delivering()?;
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(emitting())
}

/// A hundred thousand subscriptions, none of which wants what is published though their patterns
/// share its tokens. What resolving the subject costs is measured beside it and taken off.
fn matching() -> Result<(), Box<dyn Error>> {
    let bus = Bus::listening(Arc::default());
    let mut subscriptions = Vec::with_capacity(SUBSCRIPTIONS);
    for number in 0..SUBSCRIPTIONS {
        subscriptions.push(bus.subscribe(pattern(number).parse()?, Queue::default()));
    }
    // Few enough to be remembered, and so many that none is when it comes again.
    for (name, subjects) in [("known", 1_000), ("new", 20_000)] {
        let events = events(subjects)?;
        block_on(bus.hear(&events));
        let routes = Routes::default();
        let resolving = median(&events, |events| resolve(&routes, events));
        let hearing = median(&events, |events| block_on(bus.hear(events)));
        println!("info resolving and sharing an event {resolving:.0} ns");
        println!(
            "ratio bus_match_of_{name}_subjects value={:.3} must=<=1 goal=<=0.1 unit=us",
            (hearing - resolving) / 1e3
        );
    }
    let delivered = bus.counts().delivered;
    if delivered > 0 {
        return Err(format!("{delivered} events found somebody").into());
    }
    let began = Instant::now();
    drop(subscriptions);
    let dropping = per(began, SUBSCRIPTIONS);
    println!("info dropping one of {SUBSCRIPTIONS} subscriptions {dropping:.0} ns");
    Ok(())
}

/// Finds the subject of each event, and makes what subscribers would share.
fn resolve(routes: &Routes, events: &[WireEvent]) {
    for event in events {
        let resolved = routes.resolve(event.attributes());
        black_box(resolved.map(|(_, subject)| Heard::new(subject, event.clone()))).ok();
    }
}

/// Nanoseconds an event, in the median of many short stretches: other programs take whole ones.
fn median(events: &[WireEvent], mut run: impl FnMut(&[WireEvent])) -> f64 {
    let mut stretches = Vec::new();
    for _ in 0..ROUNDS {
        for stretch in events.chunks(STRETCH) {
            let began = Instant::now();
            run(stretch);
            stretches.push(per(began, stretch.len()));
        }
    }
    stretches.sort_by(f64::total_cmp);
    let middle = stretches.len() / 2;
    stretches.get(middle).copied().unwrap_or(f64::NAN)
}

/// One event to a thousand subscribers, who take it between the rounds.
fn delivering() -> Result<(), Box<dyn Error>> {
    let bus = Bus::listening(Arc::default());
    let pattern: SubjectPattern = "consign.events.>".parse()?;
    let mut subscribers: Vec<Subscription> = (0..SUBSCRIBERS)
        .map(|_| bus.subscribe(pattern.clone(), Queue::default()))
        .collect();
    let events = events(1)?;
    let mut best = f64::INFINITY;
    let mut taking = f64::INFINITY;
    for _ in 0..200 {
        let began = Instant::now();
        block_on(bus.hear(&events));
        best = best.min(per(began, SUBSCRIBERS));
        let began = Instant::now();
        let taken = subscribers
            .iter_mut()
            .filter_map(|s| s.next().now_or_never());
        let taken = taken.flatten().count();
        taking = taking.min(per(began, SUBSCRIBERS));
        if taken != SUBSCRIBERS {
            return Err(format!("{taken} of {SUBSCRIBERS} subscribers got the event").into());
        }
    }
    println!("info taking an event {taking:.0} ns");
    println!("ratio bus_delivery_per_subscriber value={best:.0} must=<=150 goal=<=70 unit=ns");
    Ok(())
}

/// What an emitter notices of subscribers that sleep for ever, beside one that is idle.
async fn emitting() -> Result<(), Box<dyn Error>> {
    let pattern: SubjectPattern = ">".parse()?;
    let bus = || Bus::new(Arc::new(NoopSink), Arc::default());
    let all = |bus: &Bus| bus.subscribe(pattern.clone(), Queue::default());
    let (quiet, beside) = (bus(), bus());
    let idle = [all(&quiet), all(&beside)];
    let (wake, never) = channel::<()>();
    let blocking = all(&beside).handle_blocking(move |_| {
        never.recv().ok();
    })?;
    let sleeping = all(&beside).handle(|_| pending());
    let mut nanos = (Vec::new(), Vec::new());
    for _ in 0..STRETCHES {
        nanos.0.push(emits(&quiet).await?);
        nanos.1.push(emits(&beside).await?);
    }
    let middle = |stretches: &mut Vec<f64>| {
        stretches.sort_by(f64::total_cmp);
        stretches.get(STRETCHES / 2).copied().unwrap_or(f64::NAN)
    };
    let (quiet, beside) = (middle(&mut nanos.0), middle(&mut nanos.1));
    println!("info an emit {quiet:.0} ns, beside two that sleep {beside:.0} ns");
    println!(
        "ratio bus_emit_beside_sleepers value={:.2} must=<=1.5 goal=<=1.2 unit=x",
        beside / quiet
    );
    drop((idle, wake, blocking, sleeping));
    Ok(())
}

/// Nanoseconds an emit, over a stretch of them.
async fn emits(bus: &Bus) -> Result<f64, Box<dyn Error>> {
    let event = Event::builder("1", "/bench", "a.b").json("{}").build()?;
    let began = Instant::now();
    for _ in 0..STRETCH {
        drop(black_box(bus.emit(event.clone()).await?));
    }
    Ok(per(began, STRETCH))
}

/// Exact ones for the most part, and some of every other form.
fn pattern(number: usize) -> String {
    let tenant = number / 100;
    match number % 100 {
        97 => format!("consign.events.t{tenant}.kind97.>"),
        98 => format!("consign.events.*.kind{tenant}.done"),
        99 => format!("consign.*.t{tenant}.*.failed"),
        kind => format!("consign.events.t{tenant}.kind{kind}.done"),
    }
}

fn events(subjects: usize) -> Result<Vec<WireEvent>, Box<dyn Error>> {
    let event = |number: usize| {
        let kind = format!("kind{}.begun", number % 40);
        let tenant = format!("t{}", number / 40);
        let event = Event::builder(&number.to_string(), "/bench", &kind);
        event.extension("tenantid", &tenant).json("{}").build()
    };
    let events: Result<Vec<_>, _> = (0..subjects).map(event).collect();
    let sealed: Result<Vec<_>, _> = NoopSink.seal(events?).into_iter().collect();
    Ok(sealed?)
}

#[expect(clippy::cast_precision_loss, reason = "a count of a benchmark")]
fn per(began: Instant, count: usize) -> f64 {
    began.elapsed().as_secs_f64() * 1e9 / count as f64
}
