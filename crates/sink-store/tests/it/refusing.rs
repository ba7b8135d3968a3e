//! Events that come again, and events that a database refuses.

use std::sync::{Arc, Mutex};

use events_core::{
    Claim, Draft, ErrorKind, EventSink, EventSinkExt as _, NoopSink, Settle, WireEvent,
};
use sink_store::Store;

use crate::{file, numbered, open, row, wires};

#[tokio::test]
async fn a_file_keeps_the_first_of_an_identity() {
    let dir = tempfile::tempdir().unwrap();
    same_identity(&open(&file(dir.path()))).await;
    assert_eq!(wires(&dir.path().join("store.sqlite")).len(), 1);
}

#[tokio::test]
async fn what_a_file_refuses_harms_nothing_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&file(dir.path()));
    let other = rusqlite::Connection::open(dir.path().join("store.sqlite")).unwrap();
    let trigger = "CREATE TRIGGER picky BEFORE INSERT ON agent_events WHEN NEW.id = '3' \
        BEGIN SELECT RAISE(ABORT, 'not three'); END";
    other.execute_batch(trigger).unwrap();
    one_is_refused(&store).await;
    assert_eq!(wires(&dir.path().join("store.sqlite")).len(), 7);
}

/// The row stays as it was; whoever sent the same bytes has it, who sent others has no number.
pub(crate) async fn same_identity(store: &Store) {
    let book = Arc::new(Book::default());
    let sent = |number, text| claimed(&book, number, text);
    let first = sent(1, "first");
    let result = store.append(std::slice::from_ref(&first)).await.remove(0);
    let again = store
        .append(&[first.clone(), sent(2, "second"), first.clone()])
        .await;
    let rows: Vec<u64> = again.iter().map(row).collect();
    assert_eq!(rows, [row(&result); 3]);
    drop(first);
    assert_eq!(*book.0.lock().unwrap(), ["kept 1", "void 2"]);
}

/// The fourth of eight is refused for good by a rule of the database's owner.
pub(crate) async fn one_is_refused(store: &Store) {
    let events: Vec<_> = (0..8).map(numbered).collect();
    let results = store.append(&events).await;
    let kinds: Vec<_> = results
        .iter()
        .map(|result| result.as_ref().err().map(|error| error.kind()))
        .collect();
    let refused = Some(ErrorKind::Rejected);
    let expected = [None, None, None, refused, None, None, None, None];
    assert_eq!(kinds, expected, "{results:?}");
}

/// An event with a number, as a signer gives them out.
fn claimed(book: &Arc<Book>, number: u64, text: &str) -> WireEvent {
    #[derive(Debug)]
    struct Numbering(Arc<Book>, u64);
    #[async_trait::async_trait]
    impl EventSink for Numbering {
        fn prepare(&self, drafts: &mut [Draft]) {
            events_core::each(drafts, |event| {
                event.set_claim(Claim::new(self.0.clone(), self.1));
                Ok(())
            });
        }

        async fn deliver(
            &self,
            events: &[WireEvent],
        ) -> Vec<Result<events_core::Outcome, events_core::SinkError>> {
            NoopSink.deliver(events).await
        }
    }
    impl std::fmt::Display for Numbering {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("numbering")
        }
    }
    let sealed = Numbering(book.clone(), number).seal(vec![sink_testkit::event("1", text)]);
    sealed.into_iter().next().unwrap().unwrap()
}

/// What became of the numbers.
#[derive(Debug, Default)]
struct Book(Mutex<Vec<String>>);

impl Settle for Book {
    fn kept(&self, number: u64) {
        self.0.lock().unwrap().push(format!("kept {number}"));
    }

    fn void(&self, number: u64) {
        self.0.lock().unwrap().push(format!("void {number}"));
    }
}
