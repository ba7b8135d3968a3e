use std::sync::Arc;
use std::time::Duration;

use events_core::time::Timestamp;
use k8s_openapi::api::events::v1::Event;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep, sleep_until};

use crate::api::{Created, Events, Trouble};
use crate::buckets::Buckets;
use crate::counts::Tally;
use crate::notice::{Key, Notice};
use crate::series::{Begun, Seen, Series, Update};
use crate::{Config, Dropped, Regarding, manifest};

/// What the sink asks of the worker.
pub(crate) enum Job {
    Tell(Box<Notice>),
    /// Answer once all before is done with, and every series told.
    Flush(oneshot::Sender<()>),
}

/// The task that talks to the API, one request at a time.
pub(crate) struct Worker {
    config: Config,
    events: Events,
    jobs: mpsc::Receiver<Job>,
    tally: Arc<Tally>,
    buckets: Buckets<Regarding>,
    series: Series<Key, Timestamp>,
}

impl Worker {
    pub(crate) fn new(
        config: Config,
        events: Events,
        jobs: mpsc::Receiver<Job>,
        tally: Arc<Tally>,
    ) -> Self {
        Self {
            buckets: Buckets::new(
                config.pod.clone(),
                config.rate,
                config.others,
                OBJECTS,
                now(),
            ),
            series: Series::new(config.series_gap, config.series_pace),
            config,
            events,
            jobs,
            tally,
        }
    }

    /// Works until the sink is gone and what it left is told, or the API fails after that.
    pub(crate) async fn run(mut self) {
        loop {
            let job = tokio::select! {
                job = self.jobs.recv() => job,
                () = until(self.series.next_due()) => {
                    let due = self.series.due(now());
                    self.update(due).await;
                    continue;
                }
            };
            match job {
                Some(Job::Tell(notice)) => self.tell(&notice).await,
                Some(Job::Flush(done)) => {
                    self.update(self.series.untold()).await;
                    // Whoever asked may have gone.
                    done.send(()).ok();
                }
                None => break,
            }
        }
        self.update(self.series.untold()).await;
    }

    async fn tell(&mut self, notice: &Notice) {
        let key = &notice.key;
        match self.series.sees(key, &notice.id, notice.at.clone(), now()) {
            Seen::New => {}
            Seen::Again => return self.tally.repeated(),
            Seen::Known => return self.tally.known(),
        }
        if !self.buckets.take(&key.regarding, now()) {
            return self.tally.dropped(Dropped::Limited, 1);
        }
        let name = manifest::name(notice);
        let event = manifest::event(notice, &name, &self.config.reporter);
        match self.create(&name, &event).await {
            Ok(count) => {
                let id = notice.id.clone();
                let begun = Begun { name, id, count };
                let at = notice.at.clone();
                let lost = self.series.begin(key.clone(), begun, at, now());
                self.tally.dropped(Dropped::Unavailable, lost.into());
            }
            Err(trouble) => {
                if trouble.passes() {
                    // An outage is no burst. What is refused for good stays limited.
                    self.buckets.put_back(&key.regarding);
                }
                self.give_up(trouble);
            }
        }
    }

    async fn update(&mut self, updates: Vec<Update<Key, Timestamp>>) {
        for update in updates {
            let series = manifest::series(update.count, &update.at);
            match self.events.update(&update.name, series).await {
                Ok(()) => {
                    self.tally.updated();
                    self.series.told(&update, now());
                }
                Err(trouble) => {
                    self.tally.failed(&trouble.as_text());
                    let lost = if trouble.is_gone() {
                        // Kubernetes keeps an Event for an hour or so.
                        self.series.forget(&update.key)
                    } else {
                        self.series.missed(&update, now())
                    };
                    self.tally.dropped(trouble.dropped(), lost.into());
                    if self.jobs.is_closed() {
                        return;
                    }
                }
            }
        }
    }

    /// Asks again where that may help. Gives back how often the Event says it was seen.
    async fn create(&self, name: &str, event: &Event) -> Result<u32, Trouble> {
        let mut attempt = 0;
        loop {
            let trouble = match self.events.create(name, event).await {
                Ok(Created::Now) => {
                    self.tally.created();
                    return Ok(1);
                }
                Ok(Created::Before { count }) => {
                    // After a failure it is as likely ours.
                    match attempt {
                        0 => self.tally.known(),
                        _ => self.tally.created(),
                    }
                    return Ok(count);
                }
                Err(trouble) => trouble,
            };
            self.tally.failed(&trouble.as_text());
            attempt += 1;
            if !trouble.passes() || attempt >= self.config.attempts || self.jobs.is_closed() {
                return Err(trouble);
            }
            sleep(self.pause(trouble, attempt)).await;
        }
    }

    fn pause(&self, trouble: Trouble, attempt: u32) -> Duration {
        let backoff = self.config.backoff;
        let asked = trouble.again_in().min(backoff.max);
        backoff.wait(attempt - 1, fastrand::f64()).max(asked)
    }

    /// After the sink is gone, the first failure is the last: nobody waits for a dead API.
    fn give_up(&mut self, trouble: Trouble) {
        self.tally.dropped(trouble.dropped(), 1);
        if self.jobs.is_closed() {
            while let Ok(job) = self.jobs.try_recv() {
                if matches!(job, Job::Tell(_)) {
                    self.tally.dropped(Dropped::Closed, 1);
                }
            }
        }
    }
}

async fn until(due: Option<std::time::Instant>) {
    match due {
        Some(due) => sleep_until(Instant::from_std(due)).await,
        None => std::future::pending().await,
    }
}

fn now() -> std::time::Instant {
    Instant::now().into_std()
}

/// How many objects but the pod have a bucket at a time.
const OBJECTS: usize = 1024;
