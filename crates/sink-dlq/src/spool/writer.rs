use std::time::Duration;

use super::queue::{Jobs, Work};
use super::store::{Store, Write};

/// The one thread that touches the disk.
pub(crate) struct Writer {
    store: Store,
}

impl Writer {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// Works until the queue is closed and empty.
    pub(crate) fn run(mut self, jobs: &Jobs) {
        while let Some(work) = jobs.take(IDLE) {
            if work.is_empty() {
                self.store.tidy();
            } else if self.work(work) {
                break;
            }
        }
        self.store.close();
    }

    /// Writes everything as one group, then removes, then reads. Returns whether it was the last.
    fn work(&mut self, work: Vec<Work>) -> bool {
        let (mut writes, mut replies) = (Vec::new(), Vec::new());
        let mut others = Vec::new();
        for work in work {
            match work {
                Work::Append(area, entries, reply) => {
                    replies.push((entries.len(), reply));
                    writes.extend(entries.into_iter().map(|entry| Write::New(area, entry)));
                }
                Work::Relocate(moves, reply) => {
                    replies.push((moves.len(), reply));
                    let moves = moves.into_iter();
                    writes.extend(moves.map(|(id, area, cause)| Write::Move(id, area, cause)));
                }
                other => others.push(other),
            }
        }
        if !writes.is_empty() {
            let mut results = self.store.write(writes).into_iter();
            for (count, reply) in replies {
                // Whoever is gone does not want to know.
                drop(reply.send(results.by_ref().take(count).collect()));
            }
        }
        let mut is_last = false;
        for work in others {
            is_last |= self.serve(work);
        }
        is_last
    }

    fn serve(&mut self, work: Work) -> bool {
        match work {
            Work::Remove(ids, durable, reply) => {
                let removed = self.store.remove(&ids, durable);
                drop(reply.send(removed));
            }
            Work::Read(area, after, limit, reply) => {
                drop(reply.send(self.store.read(area, after, limit)));
            }
            Work::Get(id, reply) => drop(reply.send(self.store.get(id))),
            Work::Condemn(ids, reply) => {
                for id in ids {
                    self.store.condemn(id);
                }
                reply.send(()).ok();
            }
            Work::Close => return true,
            Work::Append(..) | Work::Relocate(..) => {}
        }
        false
    }
}

/// How often empty segments are looked for when nothing comes in.
const IDLE: Duration = Duration::from_secs(2);
