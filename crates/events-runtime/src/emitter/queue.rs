use std::collections::{BTreeMap, VecDeque};

use tokio::time::Instant;

use super::config::Config;

/// What an emitter has in its care: items that wait for a batch, and the batches in flight.
///
/// Items are numbered as they come. A state machine without a clock, a lock or a task of its own.
#[derive(Debug)]
pub(super) struct Queue<T> {
    config: Config,
    waiting: VecDeque<Entry<T>>,
    waiting_bytes: usize,
    in_flight: BTreeMap<u64, Size>,
    care: Size,
    next: u64,
    urgent: u64,
    closed: bool,
}

/// Items that are delivered together.
#[derive(Debug)]
pub(super) struct Batch<T> {
    /// The number of the first, by which the batch is settled.
    pub(super) first: u64,
    pub(super) items: Vec<T>,
}

/// When the next batch can be taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Due {
    /// Now.
    Now,
    /// At that time, unless more items come.
    At(Instant),
    /// When an item comes.
    WithTheNextItem,
    /// Never: the queue is closed, and empty.
    Never,
}

/// A number of events and about how many bytes they take.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Size {
    pub(super) events: usize,
    pub(super) bytes: usize,
}

#[derive(Debug)]
struct Entry<T> {
    item: T,
    bytes: usize,
    since: Instant,
}

impl<T> Queue<T> {
    /// Bounds below one count as one.
    pub(super) fn new(config: Config) -> Self {
        Self {
            config,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            in_flight: BTreeMap::new(),
            care: Size::default(),
            next: 0,
            urgent: 0,
            closed: false,
        }
    }

    /// Whether an item of that size can be pushed. One that is larger than the whole queue may
    /// have it for itself.
    pub(super) fn has_room(&self, bytes: usize) -> bool {
        let fits = self.care.bytes.saturating_add(bytes) <= self.config.queue_bytes;
        self.care.events == 0 || (fits && self.care.events < self.config.queue_events)
    }

    pub(super) fn push(&mut self, item: T, bytes: usize, now: Instant) {
        self.care.add(Size { events: 1, bytes });
        self.next += 1;
        self.waiting_bytes += bytes;
        let since = now;
        self.waiting.push_back(Entry { item, bytes, since });
    }

    pub(super) fn due(&self, now: Instant) -> Due {
        let Some(front) = self.waiting.front() else {
            return if self.closed {
                Due::Never
            } else {
                Due::WithTheNextItem
            };
        };
        let full = self.waiting.len() >= self.config.batch_events
            || self.waiting_bytes >= self.config.batch_bytes;
        if full || self.closed || self.front_number() < self.urgent {
            return Due::Now;
        }
        match front.since.checked_add(self.config.linger) {
            Some(at) if at <= now => Due::Now,
            Some(at) => Due::At(at),
            None => Due::WithTheNextItem,
        }
    }

    /// The next batch: at least one item where any waits, and else as much as its bounds allow.
    pub(super) fn take(&mut self) -> Option<Batch<T>> {
        let first = self.front_number();
        let mut size = Size::default();
        let mut items = Vec::new();
        while let Some(entry) = self.waiting.front() {
            let bytes = size.bytes + entry.bytes;
            let full = size.events >= self.config.batch_events || bytes > self.config.batch_bytes;
            if full && !items.is_empty() {
                break;
            }
            let Some(entry) = self.waiting.pop_front() else {
                break;
            };
            let bytes = entry.bytes;
            self.waiting_bytes -= bytes;
            size.add(Size { events: 1, bytes });
            items.push(entry.item);
        }
        if items.is_empty() {
            return None;
        }
        self.in_flight.insert(first, size);
        Some(Batch { first, items })
    }

    /// A batch is done with, and the room it took is free.
    pub(super) fn settle(&mut self, first: u64) {
        if let Some(size) = self.in_flight.remove(&first) {
            self.care.remove(size);
        }
    }

    /// All items pushed so far shall not linger.
    pub(super) fn hurry(&mut self) {
        self.urgent = self.next;
    }

    /// What waits is still taken, and nothing lingers any more.
    pub(super) fn close(&mut self) {
        self.closed = true;
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Closes the queue and gives up what waits.
    pub(super) fn abandon(&mut self) -> Vec<T> {
        self.closed = true;
        self.waiting_bytes = 0;
        let waiting = self.waiting.drain(..);
        let mut items = Vec::with_capacity(waiting.len());
        for Entry { item, bytes, .. } in waiting {
            self.care.remove(Size { events: 1, bytes });
            items.push(item);
        }
        items
    }

    /// The number of the oldest item that is not settled, or of the next one to come.
    pub(super) fn settled_before(&self) -> u64 {
        let oldest = self.in_flight.keys().next().copied();
        oldest.unwrap_or_else(|| self.front_number())
    }

    /// The number that the next item gets: how many were pushed so far.
    pub(super) fn pushed(&self) -> u64 {
        self.next
    }

    /// What is in care: waiting and in flight.
    pub(super) fn care(&self) -> Size {
        self.care
    }

    pub(super) fn batches_in_flight(&self) -> usize {
        self.in_flight.len()
    }

    fn front_number(&self) -> u64 {
        self.next - self.waiting.len() as u64
    }
}

impl Size {
    fn add(&mut self, other: Self) {
        self.events += other.events;
        self.bytes += other.bytes;
    }

    fn remove(&mut self, other: Self) {
        self.events -= other.events;
        self.bytes -= other.bytes;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::time::Duration;

    use proptest::prelude::{
        Just, Strategy, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest,
    };
    use tokio::time::Instant;

    use super::{Config, Due, Queue};

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Offer(usize),
        Take,
        /// Settles one of the batches in flight, whichever this points at.
        Settle(usize),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            3 => (0_usize..60).prop_map(Step::Offer),
            1 => Just(Step::Take),
            1 => any::<usize>().prop_map(Step::Settle),
        ];
        prop::collection::vec(step, 1..200)
    }

    fn config() -> impl Strategy<Value = Config> {
        (0_usize..12, 0_usize..200, 0_usize..6, 0_usize..100).prop_map(
            |(queue_events, queue_bytes, batch_events, batch_bytes)| Config {
                queue_events,
                queue_bytes,
                batch_events,
                batch_bytes,
                ..Config::default()
            },
        )
    }

    proptest! {
        #[test]
        fn bounds_hold_and_nothing_is_lost_doubled_or_reordered(config in config(), steps in steps()) {
            let now = Instant::now();
            let mut queue = Queue::new(config);
            let mut waiting: VecDeque<(u64, usize)> = VecDeque::new();
            let mut flying: Vec<(u64, Vec<usize>)> = Vec::new();
            let mut settled_before = 0;
            for step in steps {
                match step {
                    Step::Offer(bytes) if queue.has_room(bytes) => {
                        let number = queue.pushed();
                        queue.push((number, bytes), bytes, now);
                        waiting.push_back((number, bytes));
                    }
                    Step::Offer(_) => prop_assert!(!waiting.is_empty() || !flying.is_empty()),
                    Step::Take => if let Some(batch) = queue.take() {
                        let expected: Vec<_> = waiting.drain(..batch.items.len()).collect();
                        prop_assert_eq!(&batch.items, &expected);
                        prop_assert_eq!(batch.first, expected[0].0);
                        let sizes: Vec<usize> = expected.iter().map(|item| item.1).collect();
                        let within = sizes.len() <= config.batch_events
                            && sizes.iter().sum::<usize>() <= config.batch_bytes;
                        prop_assert!(within || sizes.len() == 1);
                        flying.push((batch.first, sizes));
                    } else {
                        prop_assert!(waiting.is_empty());
                    },
                    Step::Settle(pick) if !flying.is_empty() => {
                        let (first, _) = flying.swap_remove(pick % flying.len());
                        queue.settle(first);
                    }
                    Step::Settle(_) => {}
                }
                let flying_sizes = flying.iter().flat_map(|(_, sizes)| sizes).copied();
                let sizes: Vec<_> = waiting.iter().map(|item| item.1).chain(flying_sizes).collect();
                let care = queue.care();
                prop_assert_eq!((care.events, care.bytes), (sizes.len(), sizes.iter().sum()));
                let within = care.events <= config.queue_events && care.bytes <= config.queue_bytes;
                prop_assert!(within || care.events == 1);
                let oldest = flying.iter().map(|(first, _)| *first).chain(waiting.iter().map(|item| item.0)).min();
                prop_assert_eq!(queue.settled_before(), oldest.unwrap_or(queue.pushed()));
                prop_assert!(queue.settled_before() >= settled_before);
                settled_before = queue.settled_before();
            }
        }
    }

    #[test]
    fn a_batch_is_due_when_it_is_full_old_urgent_or_the_last() {
        let now = Instant::now();
        let linger = Duration::from_secs(3);
        let lingering = || {
            Queue::new(Config {
                batch_events: 2,
                batch_bytes: 100,
                linger,
                ..Config::default()
            })
        };
        let mut queue = lingering();
        assert_eq!(queue.due(now), Due::WithTheNextItem);
        queue.push("a", 1, now);
        assert_eq!(queue.due(now), Due::At(now + linger));
        assert_eq!(queue.due(now + linger), Due::Now);
        queue.push("b", 1, now);
        assert_eq!(queue.due(now), Due::Now, "two events fill it");
        queue.take();
        queue.push("c", 100, now);
        assert_eq!(queue.due(now), Due::Now, "bytes fill it");
        let mut queue = lingering();
        queue.push("a", 1, now);
        queue.hurry();
        assert_eq!(queue.due(now), Due::Now);
        queue.take();
        queue.push("b", 1, now);
        assert_eq!(
            queue.due(now),
            Due::At(now + linger),
            "came after the hurry"
        );
        queue.close();
        assert_eq!(queue.due(now), Due::Now);
        queue.take();
        assert_eq!(queue.due(now), Due::Never);
    }

    #[test]
    fn what_is_abandoned_leaves_room_and_settles() {
        let mut queue = Queue::new(Config::default());
        queue.push("a", 10, Instant::now());
        queue.take();
        queue.push("b", 10, Instant::now());
        assert_eq!(queue.abandon(), ["b"]);
        assert_eq!((queue.care().events, queue.settled_before()), (1, 0));
        queue.settle(0);
        assert_eq!((queue.care().bytes, queue.settled_before()), (0, 2));
        assert!(queue.is_closed());
    }
}
