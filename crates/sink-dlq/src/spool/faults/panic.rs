//! FP4: the writer's thread panics.

use events_disk::faults::{Fault, Faulty, Plan, fast_disk};

use super::entry;
use crate::spool::{Area, Config, Spool, SpoolError, State};

#[tokio::test]
async fn a_spool_without_its_writer_says_so_and_answers_at_once() {
    let dir = tempfile::tempdir_in(fast_disk()).unwrap();
    let (faulty, config) = (Faulty::new(None), Config::default());
    let spool = Spool::open_on(Box::new(faulty.clone()), dir.path().to_owned(), config).unwrap();
    assert_eq!(spool.status().state, State::Ok);
    let first = faulty.calls();
    faulty.plan(Plan {
        fault: Fault::Panic,
        first,
        width: usize::MAX,
        crash: None,
    });
    for _ in 0..2 {
        let refused = spool.append(Area::Waiting, vec![entry(0)]).await;
        assert!(matches!(refused[0], Err(SpoolError::Closed)), "{refused:?}");
    }
    // The thread drops what was asked of it before it drops its end.
    let mut finished = spool.status().state != State::Ok;
    while !finished {
        tokio::task::yield_now().await;
        finished = spool.status().state != State::Ok;
    }
    assert!(matches!(spool.status().state, State::Failed { .. }));
    spool.close().await.unwrap();
    assert_eq!(spool.status().state, State::Closed);
}
