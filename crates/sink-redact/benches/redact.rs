//! What redaction costs an event, in microseconds, printed as ratios against the goals.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use events_core::{Event, EventSinkExt, MemorySink, NoopSink};
use sink_redact::{Config, RedactSink, Redactor, TokenKey};

fn main() {
    let redactor = Arc::new(Redactor::new(Config::builtin(TokenKey::new([7; 32]))).unwrap());
    for size in [1024; 20] {
        let event = clean(size);
        let scan = microseconds(&event, |event| drop(black_box(redactor.redact(event))));
        println!("scan {size}: {scan:.3}");
        continue;
        #[allow(unreachable_code)]
        let mut dirty = event.clone();
        let data = String::from_utf8(event.data().unwrap().as_bytes().to_vec()).unwrap();
        let data = data.replacen("checkout", "ghp_kpcoumvq604tsx2k17nn30rkvogvgw85mi1u", 1);
        dirty.set_data(
            Event::builder("1", "/", "t")
                .json(&data)
                .build()
                .unwrap()
                .data()
                .cloned(),
        );
        let scan = microseconds(&dirty, |event| drop(black_box(redactor.redact(event))));
        println!("dirty {size}: {scan:.3}");
        let data = data.replacen("ghp_kpcoumvq604tsx2k17nn30rkvogvgw85mi1u", "a\\nb", 1);
        dirty.set_data(
            Event::builder("1", "/", "t")
                .json(&data)
                .build()
                .unwrap()
                .data()
                .cloned(),
        );
        let scan = microseconds(&dirty, |event| drop(black_box(redactor.redact(event))));
        println!("escaped {size}: {scan:.3}");
        let data = data.replacen("a\\nb", "x", 1).replacen(
            "\"quantity",
            "\"token_count\":1,\"quantity",
            1,
        );
        dirty.set_data(
            Event::builder("1", "/", "t")
                .json(&data)
                .build()
                .unwrap()
                .data()
                .cloned(),
        );
        let scan = microseconds(&dirty, |event| drop(black_box(redactor.redact(event))));
        println!("keyword {size}: {scan:.3}");
    }
    let _ = (
        MemorySink::default(),
        RedactSink::new(NoopSink, redactor.clone()),
    );
    let sink = RedactSink::new(NoopSink, redactor);
    let event = clean(1024);
    let with = microseconds(&event, |event| {
        drop(black_box(sink.seal(vec![event.clone()])))
    });
    let without = microseconds(&event, |event| {
        drop(black_box(NoopSink.seal(vec![event.clone()])))
    });
    println!("seal with {with:.3} without {without:.3}");
}

fn clean(size: usize) -> Event {
    let mut items = String::new();
    let mut n = 0;
    while items.len() + 280 < size {
        items.push_str(&format!(
            r#"{}{{"sku":"BOOK-{n:05}","title":"An introduction to distributed logs","quantity":{},"price":19.90,"currency":"EUR","warehouse":"eu-central-1"}}"#,
            if n == 0 { "" } else { "," }, n % 5 + 1));
        n += 1;
    }
    let data = format!(
        r#"{{"order":"7f1c2a94-3b1e-4c55-9a0e-6d2f8b7c4e10","customer":"c-4821","stage":"checkout","traceId":"4bf92f3577b34da6a3ce929d0e0e4736","placedAt":"2026-11-21T10:15:30.123456Z","items":[{items}]}}"#
    );
    Event::builder(
        "01JD8Q4ZK3W9V5T2N7M6X1C0BA",
        "https://shop.example/orders",
        "com.example.order.placed",
    )
    .subject("orders/4821")
    .time("2026-11-21T10:15:30.123456Z")
    .extension(
        "traceparent",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    )
    .extension("tenantid", "acme")
    .json(&data)
    .build()
    .unwrap()
}

fn microseconds(event: &Event, mut work: impl FnMut(&mut Event)) -> f64 {
    let mut best = Duration::MAX;
    let mut event = event.clone();
    let keep = event.clone();
    for _ in 0..30 {
        let start = Instant::now();
        for _ in 0..500 {
            work(&mut event);
            if event != keep {
                event = keep.clone();
            }
        }
        best = best.min(start.elapsed());
    }
    best.as_secs_f64() * 1e6 / 500.0
}
