use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sink_dlq::Config;
use tokio::time::sleep;

use crate::bench::{Answer, Bench, Destination, id, kind, until};
use events_core::ErrorKind;

const SENDERS: usize = 4;
const SUBJECTS: usize = 2;
const SENDS: usize = 60;

/// Whoever waits for an answer before it sends on has its events stored in that order, whatever
/// the destination and the other senders do meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_sent_after_an_answer_is_stored_after_it() {
    for _ in 0..3 {
        let to = Destination::connection();
        let is_away = Arc::new(AtomicBool::new(false));
        let away = Arc::clone(&is_away);
        to.answers(move |_| match away.load(Ordering::SeqCst) {
            true => Answer::Fail(ErrorKind::Unavailable),
            false => Answer::Ok,
        });
        let config = Config {
            redrive_batch: 8,
            ..Config::default()
        };
        let bench = Arc::new(Bench::started(to, config));
        let senders: Vec<_> = (0..SENDERS)
            .map(|sender| tokio::spawn(send(Arc::clone(&bench), sender)))
            .collect();
        for _ in 0..20 {
            is_away.fetch_xor(true, Ordering::SeqCst);
            sleep(Duration::from_millis(fastrand::u64(0..30))).await;
        }
        is_away.store(false, Ordering::SeqCst);
        for sender in senders {
            sender.await.unwrap();
        }
        until("it is drained", || bench.areas() == [0, 0, 0]).await;
        let mut last: HashMap<(String, String), usize> = HashMap::new();
        for event in bench.to.stored() {
            let id = id(&event);
            let (sender, number) = id.split_once('-').unwrap();
            let number: usize = number.parse().unwrap();
            let before = last.insert((sender.to_owned(), kind(&event)), number);
            assert!(
                before.is_none_or(|before| before < number),
                "{before:?} {id}"
            );
        }
        assert_eq!(bench.to.ids().len(), SENDERS * SENDS);
        assert_eq!(bench.dlq.counters().duplicates, 0);
        bench.dlq.close().await.unwrap();
    }
}

async fn send(bench: Arc<Bench>, sender: usize) {
    for number in 0..SENDS {
        let id = format!("{sender}-{number}");
        let kind = format!("test.s{}", fastrand::usize(0..SUBJECTS));
        let outcomes = bench.send(&kind, &[&id]).await;
        assert!(
            matches!(outcomes[..], ["delivered" | "spilled"]),
            "{outcomes:?}"
        );
    }
}
