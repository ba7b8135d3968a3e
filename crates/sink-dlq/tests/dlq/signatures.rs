use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use events_core::{ErrorKind, Event, EventSink as _, EventSinkExt as _, WireEvent};
use sink_dlq::{Area, Cause, Config, DlqSink, Entry, Query, Selection, Spool, SpoolConfig};
use sink_sign::{Audit, Mode, Order, Ranges, SignSink, Signer, SigningKey, Verifier};
use sink_testkit::Log;

use crate::bench::{Answer, Destination, event, id, until};

/// A signer, and a sink with its spool in front of it.
struct Signed {
    to: Destination,
    signer: Arc<Signer>,
    spool: Spool,
    sink: DlqSink<SignSink<Destination>>,
    dir: tempfile::TempDir,
}

impl Signed {
    fn new(to: Destination) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let spool = Spool::open(dir.path().join("spool"), SpoolConfig::default()).unwrap();
        Self::over(to, Arc::new(SigningKey::generate().unwrap()), spool, dir)
    }

    fn over(to: Destination, key: Arc<SigningKey>, spool: Spool, dir: tempfile::TempDir) -> Self {
        let signer = Arc::new(Signer::new(key, sink_sign::Config::default()));
        let config = Config {
            verifier: Some(Verifier::new(signer.public_keys(), Mode::Strict)),
            signer: Some(Arc::clone(&signer)),
            config_retry: Duration::from_millis(100),
            ..Config::default()
        };
        let inner = SignSink::new(to.clone(), Arc::clone(&signer));
        let sink = DlqSink::new(inner, spool.clone(), config);
        Self {
            to,
            signer,
            spool,
            sink,
            dir,
        }
    }

    fn seal(&self, name: &str) -> WireEvent {
        let sealed = self.sink.seal(vec![event(name, "test.a")]);
        sealed.into_iter().next().unwrap().unwrap()
    }

    /// What a later event says about numbers.
    fn voided(&self) -> String {
        voided(self.seal("later").attributes())
    }
}

fn voided(event: &Event) -> String {
    let value = event.extension("voidedsequences");
    let value = value.and_then(|value| value.as_str());
    value.unwrap_or_default().to_owned()
}

fn sequence(event: &Event) -> u64 {
    let value = event.extension("sequence").unwrap();
    value.as_str().unwrap().parse().unwrap()
}

fn altered(event: &WireEvent) -> WireEvent {
    let text = std::str::from_utf8(event.bytes()).unwrap();
    let text = text.replace(r#""amount":100"#, r#""amount":900"#);
    assert_ne!(text.as_bytes(), event.bytes());
    WireEvent::from_bytes(Bytes::from(text)).unwrap()
}

async fn put(spool: &Spool, area: Area, event: WireEvent) {
    let entry = Entry {
        event,
        subject: "consign.events.single.test.a".to_owned(),
        cause: Cause::new(
            ErrorKind::Unavailable,
            "put here",
            events_core::time::now().into(),
        ),
    };
    for stored in spool.append(area, vec![entry]).await {
        stored.unwrap();
    }
}

#[tokio::test]
async fn what_does_not_verify_is_never_delivered() {
    let log = Log::listen();
    let signed = Signed::new(Destination::up());
    let unsigned = events_core::NoopSink.seal(vec![event("unsigned", "test.a")]);
    let unsigned = unsigned.into_iter().next().unwrap().unwrap();
    put(
        &signed.spool,
        Area::Waiting,
        altered(&signed.seal("altered")),
    )
    .await;
    put(&signed.spool, Area::Waiting, unsigned).await;
    put(
        &signed.spool,
        Area::SetAside,
        altered(&signed.seal("aside")),
    )
    .await;
    put(&signed.spool, Area::Waiting, signed.seal("sound")).await;
    signed.sink.start();
    let dlq = signed.sink.handle();
    until("all are judged", || dlq.status().spool.dead.records == 3).await;
    until("the sound one is through", || signed.to.ids() == ["sound"]).await;
    assert_eq!(dlq.counters().tampered, 3);
    let page = dlq.list(&Query::default()).await.unwrap();
    for record in &page.records {
        assert_eq!(record.cause.kind, ErrorKind::Rejected);
        let reason = &record.cause.reason;
        assert!(
            reason.starts_with("the signature does not hold: "),
            "{reason}"
        );
    }
    let report = dlq.redrive(Selection::All).await.unwrap();
    assert_eq!((report.stored, report.left, report.failed.len()), (0, 3, 3));
    assert_eq!(signed.to.ids(), ["sound"]);
    assert!(log.text().contains("the signature does not hold: unsigned"));
    assert!(!log.text().contains("900"));
}

#[tokio::test]
async fn what_a_key_signed_that_is_not_known_yet_is_set_aside_until_it_is() {
    let stranger = Arc::new(SigningKey::generate().unwrap());
    let signed = Signed::new(Destination::up());
    let other = Signer::new(
        Arc::<SigningKey>::clone(&stranger),
        sink_sign::Config::default(),
    );
    let foreign = SignSink::new(Destination::up(), Arc::new(other));
    let foreign = foreign.seal(vec![event("foreign", "test.a")]).remove(0);
    put(&signed.spool, Area::Waiting, foreign.unwrap()).await;
    put(&signed.spool, Area::Waiting, signed.seal("own")).await;
    signed.sink.start();
    let dlq = signed.sink.handle();
    until("it is set aside", || {
        dlq.status().spool.set_aside.records == 1
    })
    .await;
    until("its subject goes on", || signed.to.ids() == ["own"]).await;
    let report = dlq.redrive(Selection::All).await.unwrap();
    assert_eq!((report.stored, report.left), (0, 1));
    assert_eq!(report.failed[0].kind, ErrorKind::Config);
    assert_eq!(
        (dlq.counters().tampered, dlq.status().spool.dead.records),
        (0, 0)
    );
    dlq.close().await.unwrap();
    let Signed {
        to,
        sink,
        spool,
        dir,
        ..
    } = signed;
    drop((sink, spool, dlq));
    let spool = Spool::open(dir.path().join("spool"), SpoolConfig::default()).unwrap();
    let knowing = Signed::over(to, stranger, spool, dir);
    knowing.sink.start();
    until("it is through", || knowing.to.ids() == ["own", "foreign"]).await;
}

#[tokio::test]
async fn numbers_that_are_set_aside_or_dead_are_declared_before_the_answer() {
    for kind in [ErrorKind::Config, ErrorKind::Rejected] {
        let signed = Signed::new(Destination::new(Answer::Fail(kind)));
        let event = signed.seal("1");
        let number = sequence(event.attributes());
        let results = signed.sink.deliver(std::slice::from_ref(&event)).await;
        assert!(results[0].is_ok());
        assert_eq!(signed.voided(), number.to_string(), "{kind}");
    }
    let signed = Signed::new(Destination::away());
    let event = signed.seal("1");
    drop(signed.sink.deliver(&[event]).await);
    assert_eq!(signed.voided(), "", "it will arrive");
}

#[tokio::test]
async fn numbers_that_die_later_or_are_dropped_are_declared() {
    let signed = Signed::new(Destination::away());
    let events = [signed.seal("1"), signed.seal("2")];
    let numbers = events.each_ref().map(|event| sequence(event.attributes()));
    drop(signed.sink.deliver(&events).await);
    signed.to.answers(|event| match id(event).as_str() {
        "1" => Answer::Fail(ErrorKind::Rejected),
        _ => Answer::Fail(ErrorKind::Unavailable),
    });
    signed.sink.start();
    let dlq = signed.sink.handle();
    until("the first is dead", || dlq.status().spool.dead.records == 1).await;
    assert_eq!(signed.voided(), numbers[0].to_string());
    let query = Query {
        areas: vec![Area::Waiting],
        ..Query::default()
    };
    let waiting = dlq.list(&query).await.unwrap().records[0].id;
    assert_eq!(dlq.drop(&[waiting]).await.unwrap(), 1);
    let said: Ranges = signed.voided().parse().unwrap();
    assert!(
        numbers.iter().all(|number| said.contains(*number)),
        "{said}"
    );
}

#[tokio::test]
async fn a_new_run_declares_what_it_finds_set_aside_and_dead() {
    let key = Arc::new(SigningKey::generate().unwrap());
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("spool");
    let spool = Spool::open(&path, SpoolConfig::default()).unwrap();
    let away = Destination::new(Answer::Fail(ErrorKind::Config));
    let first = Signed::over(away.clone(), Arc::clone(&key), spool, dir);
    let event = first.seal("1");
    let producer = event.attributes().extension("producerid").unwrap();
    let expected = format!("{}:1", producer.as_str().unwrap());
    drop(first.sink.deliver(&[event]).await);
    put(&first.spool, Area::Dead, altered(&first.seal("2"))).await;
    let Signed {
        sink,
        spool,
        dir,
        signer,
        ..
    } = first;
    spool.close().await.unwrap();
    drop((sink, spool, signer));
    let spool = Spool::open(&path, SpoolConfig::default()).unwrap();
    let second = Signed::over(away, key, spool, dir);
    second.sink.start();
    // Each look seals an event that is not kept, and so has a number of this run's chain voided.
    let said = || {
        let said = second.voided();
        said.split(' ').map(str::to_owned).collect::<Vec<_>>()
    };
    until("it is said", || said().contains(&expected)).await;
    let others = said().into_iter().filter(|said| said.contains(':'));
    assert_eq!(others.collect::<Vec<_>>(), [expected]);
    drop((second.signer, second.dir));
}

/// What cannot be read to be declared holds up nothing, and is declared when it can be.
#[tokio::test]
async fn a_new_run_declares_what_it_can_read_and_the_rest_later() {
    let key = Arc::new(SigningKey::generate().unwrap());
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("spool");
    let config = SpoolConfig {
        segment_bytes: 1,
        ..SpoolConfig::default()
    };
    let spool = Spool::open(&path, config.clone()).unwrap();
    let to = Destination::new(Answer::Fail(ErrorKind::Rejected));
    let first = Signed::over(to.clone(), Arc::clone(&key), spool, dir);
    let events = [first.seal("1"), first.seal("2")];
    let producer = events[0].attributes().extension("producerid").unwrap();
    let producer = producer.as_str().unwrap().to_owned();
    drop(first.sink.deliver(&events).await);
    first.spool.close().await.unwrap();
    let Signed {
        sink, spool, dir, ..
    } = first;
    drop((sink, spool));
    let spool = Spool::open(&path, config).unwrap();
    let second = Signed::over(to.clone(), key, spool, dir);
    let mut segments: Vec<_> = std::fs::read_dir(path.join("dead")).unwrap().collect();
    segments.sort_by_key(|entry| entry.as_ref().unwrap().path());
    let oldest = segments[0].as_ref().unwrap().path();
    let away = oldest.with_extension("away");
    std::fs::rename(&oldest, &away).unwrap();
    to.comes_back();
    put(&second.spool, Area::Waiting, second.seal("waiting")).await;
    second.sink.start();
    let said = || {
        let said = second.voided();
        said.split(' ').map(str::to_owned).collect::<Vec<_>>()
    };
    until("the other is said", || {
        said().contains(&format!("{producer}:2"))
    })
    .await;
    until("nothing is held up", || to.ids() == ["waiting"]).await;
    std::fs::rename(&away, &oldest).unwrap();
    until("it is said too", || {
        said().contains(&format!("{producer}:1-2"))
    })
    .await;
}

#[tokio::test]
async fn an_audit_of_what_arrived_through_an_outage_finds_nothing() {
    let signed = Signed::new(Destination::connection());
    signed.sink.start();
    let dlq = signed.sink.handle();
    for n in 0..120 {
        let is_away = n / 20 % 2 == 1;
        signed
            .to
            .answers(move |event| match id(event).parse::<u32>() {
                Ok(number) if number % 7 == 3 => Answer::Fail(ErrorKind::Rejected),
                _ if is_away => Answer::Fail(ErrorKind::Unavailable),
                _ => Answer::Ok,
            });
        let event = signed.seal(&n.to_string());
        let results = signed.sink.deliver(&[event]).await;
        assert!(results[0].is_ok(), "{results:?}");
    }
    signed.to.answers(|event| match id(event).parse::<u32>() {
        Ok(number) if number % 7 == 3 => Answer::Fail(ErrorKind::Rejected),
        _ => Answer::Ok,
    });
    until("it is drained", || dlq.status().spool.waiting.records == 0).await;
    // Says what is not to be expected.
    drop(signed.sink.deliver(&[signed.seal("last")]).await);
    let verifier = Verifier::new(signed.signer.public_keys(), Mode::Strict);
    let mut audit = Audit::new(verifier, Order::Strict);
    for (line, event) in signed.to.stored().iter().enumerate() {
        let verdict = audit.event("stream", line as u64 + 1, &event.to_event().unwrap());
        assert!(verdict.is_verified());
    }
    let report = audit.finish();
    let [chain] = &report.chains[..] else {
        panic!("{report:?}");
    };
    assert!(chain.holes.is_empty(), "{report:?}");
    assert_eq!(report.findings(), 0, "{report:?}");
    assert_eq!(
        chain.declared.count() as usize,
        dlq.status().spool.dead.records
    );
}

/// A key that is added makes what was set aside for want of it deliverable, without a restart.
#[tokio::test]
async fn what_was_set_aside_for_an_unknown_key_goes_once_the_key_is_known() {
    let signed = Signed::new(Destination::up());
    let key = Arc::new(SigningKey::generate().unwrap());
    let earlier = Signer::new(key, sink_sign::Config::default());
    let earlier = Arc::new(earlier);
    let sealed = SignSink::new(Destination::up(), Arc::clone(&earlier))
        .seal(vec![event("earlier", "test.a")])
        .remove(0)
        .unwrap();
    put(&signed.spool, Area::Waiting, sealed).await;
    signed.sink.start();
    let dlq = signed.sink.handle();
    until("it is set aside", || {
        dlq.status().spool.set_aside.records == 1
    })
    .await;
    assert!(dlq.counters().verified.unknown_key >= 1);
    let mut keys = signed.signer.public_keys();
    keys.merge(earlier.public_keys()).unwrap();
    dlq.verify_by(Verifier::new(keys, Mode::Strict));
    until("it is through", || signed.to.ids() == ["earlier"]).await;
    assert_eq!(dlq.counters().verified.verified, 1);
}
