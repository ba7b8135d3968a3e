use std::collections::VecDeque;
use std::future::pending;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use events_core::{Event, EventSinkExt as _, NoopSink, WireEvent};
use events_http::{History, HistoryTrouble, Tail, TailItem, Wanted};
use futures::StreamExt as _;
use futures::stream::{self, BoxStream, select, unfold};
use tokio::sync::{broadcast, watch};

/// Events that are kept in memory, the way a stream keeps them: numbered, and the oldest may go.
pub(crate) struct Shelf {
    kept: Mutex<VecDeque<(u64, WireEvent)>>,
    newest: watch::Sender<u64>,
    /// What history does when it has told so many events.
    pub(crate) trouble: Arc<Mutex<Option<(usize, Trouble)>>>,
    /// How many events history has told.
    pub(crate) told: Arc<Mutex<usize>>,
    /// Whether filters count for nothing.
    pub(crate) careless: Mutex<bool>,
    /// What else those who follow are told.
    pub(crate) said: broadcast::Sender<TailItem>,
    /// What was asked for last.
    pub(crate) asked: Mutex<Option<Wanted>>,
}

#[derive(Clone, Debug)]
pub(crate) enum Trouble {
    Breaks(HistoryTrouble),
    FallsSilent,
    Panics,
}

impl Shelf {
    pub(crate) fn empty() -> Arc<Self> {
        Arc::new(Self {
            kept: Mutex::default(),
            newest: watch::Sender::new(0),
            trouble: Arc::default(),
            told: Arc::default(),
            careless: Mutex::default(),
            said: broadcast::Sender::new(64),
            asked: Mutex::default(),
        })
    }

    pub(crate) fn with(count: u64) -> Arc<Self> {
        let shelf = Self::empty();
        for _ in 0..count {
            shelf.add("single", 10);
        }
        shelf
    }

    /// Adds an event with its number as its id.
    pub(crate) fn add(&self, tenant: &str, bytes: usize) -> WireEvent {
        let number = *self.newest.borrow() + 1;
        let event = sealed(&number.to_string(), tenant, bytes);
        self.newest.send_modify(|newest| {
            *newest = number;
            self.kept.lock().unwrap().push_back((number, event.clone()));
        });
        event
    }

    /// Lets the oldest go.
    pub(crate) fn forget(&self, count: usize) {
        self.kept.lock().unwrap().drain(..count);
    }

    fn first_after(&self, number: u64, wanted: &Wanted) -> Option<(u64, WireEvent)> {
        let kept = self.kept.lock().unwrap();
        let wanted = |(own, event): &&(u64, WireEvent)| *own > number && self.wants(event, wanted);
        let first = kept.front()?.0;
        let passed = usize::try_from((number + 1).saturating_sub(first)).unwrap();
        kept.iter().skip(passed).find(wanted).cloned()
    }

    fn wants(&self, event: &WireEvent, wanted: &Wanted) -> bool {
        *self.careless.lock().unwrap()
            || (wanted.wants_event(event) && wanted.filter.wants_subject(Some(&subject(event))))
    }

    fn oldest(&self) -> u64 {
        let kept = self.kept.lock().unwrap();
        kept.front().map_or(1, |(number, _)| *number)
    }
}

impl History for Shelf {
    fn newest(
        &self,
        wanted: Wanted,
        limit: usize,
    ) -> BoxStream<'static, Result<WireEvent, HistoryTrouble>> {
        *self.asked.lock().unwrap() = Some(wanted.clone());
        let kept = self.kept.lock().unwrap();
        let matching = kept
            .iter()
            .map(|(_, event)| event)
            .filter(|event| self.wants(event, &wanted));
        let mut events: Vec<WireEvent> = matching.rev().take(limit).cloned().collect();
        events.reverse();
        let told = Arc::clone(&self.told);
        let events = stream::iter(events).inspect(move |_| *told.lock().unwrap() += 1);
        let Some((after, trouble)) = self.trouble.lock().unwrap().clone() else {
            return events.map(Ok).boxed();
        };
        let events = events.map(Ok).take(after);
        match trouble {
            Trouble::Breaks(trouble) => events.chain(stream::iter([Err(trouble)])).boxed(),
            Trouble::FallsSilent => events.chain(stream::pending()).boxed(),
            Trouble::Panics => events
                .chain(stream::once(async { panic!("as asked") }))
                .boxed(),
        }
    }
}

/// Follows a shelf that is shared.
pub(crate) struct Followed(pub(crate) Arc<Shelf>);

#[async_trait]
impl Tail for Followed {
    async fn follow(
        &self,
        wanted: Wanted,
        after: Option<String>,
    ) -> Result<BoxStream<'static, TailItem>, HistoryTrouble> {
        let shelf = Arc::clone(&self.0);
        *shelf.asked.lock().unwrap() = Some(wanted.clone());
        let trouble = Arc::clone(&shelf.trouble);
        let mut newest = shelf.newest.subscribe();
        let after = after.map(|id| id.strip_prefix("S:").and_then(|id| id.parse().ok()));
        let oldest = shelf.oldest();
        let (start, lagged) = match after {
            None => (*newest.borrow(), None),
            Some(Some(number)) if number + 1 >= oldest => (number, None),
            Some(number) => {
                let missed = number.map(|number: u64| oldest - number - 1);
                (oldest - 1, Some(TailItem::Lagged { missed }))
            }
        };
        newest.mark_changed();
        let events = unfold((shelf, newest, start), move |(shelf, mut newest, at)| {
            let wanted = wanted.clone();
            async move {
                loop {
                    if let Some((number, event)) = shelf.first_after(at, &wanted) {
                        let item = TailItem::Event {
                            id: format!("S:{number}"),
                            event,
                        };
                        return Some((item, (shelf, newest, number)));
                    }
                    newest.changed().await.ok()?;
                }
            }
        });
        let said = self.0.said.subscribe();
        let said = unfold(said, async |mut said| Some((said.recv().await.ok()?, said)));
        let events = select(said, stream::iter(lagged).chain(events));
        let trouble = trouble.lock().unwrap().clone();
        match trouble {
            Some((_, Trouble::Breaks(trouble))) => Err(trouble),
            Some((_, Trouble::FallsSilent)) => pending().await,
            Some((after, Trouble::Panics)) => Ok(events
                .take(after)
                .chain(stream::once(async { panic!("as asked") }))
                .boxed()),
            None => Ok(events.boxed()),
        }
    }
}

/// An event as a chain leaves it, with so many bytes of data.
pub(crate) fn sealed(id: &str, tenant: &str, bytes: usize) -> WireEvent {
    let event = Event::builder(id, "/test", "run.done")
        .extension("tenantid", tenant)
        .json(&format!("\"{}\"", "x".repeat(bytes)))
        .build()
        .unwrap();
    NoopSink.seal(vec![event]).remove(0).unwrap()
}

fn subject(event: &WireEvent) -> String {
    format!(
        "consign.events.{}.{}",
        event.tenant(),
        event.attributes().kind().as_str()
    )
}
