use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::{Duration, Instant};

use supervisor::exit::{Exit, Failure};
use tokio::sync::{AcquireError, Semaphore};
use tokio::task::{JoinError, JoinSet};
use tokio::time::sleep;

use super::answers::Answers;
use super::dues::Dues;
use super::leg::Leg;
use super::post::Poster;
use super::schedule::Schedule;
use crate::human::safe;
use crate::progress::Progress;

/// Sends so many events ahead, with as many requests under way as the run may have, so that
/// connections are open and code is warm; then waits until each leg shows one.
pub(super) async fn warm_up(
    poster: &Arc<Poster>,
    legs: &[Leg],
    events: u64,
    window: u16,
) -> Result<(), Failure> {
    let mut under_way = JoinSet::new();
    for number in 0..events.max(1) {
        if under_way.len() >= usize::from(window)
            && let Some(done) = under_way.join_next().await
        {
            done.map_err(panicked)??;
        }
        let poster = Arc::clone(poster);
        under_way.spawn(async move { poster.post_ahead(number).await });
    }
    while let Some(done) = under_way.join_next().await {
        done.map_err(panicked)??;
    }
    let mut number = events.max(1);
    for leg in legs {
        // A leg may begin a moment after it says so, and an event may be lost on the way to it.
        let deadline = Instant::now() + PATIENCE;
        while !leg.is_warm(PAUSE).await {
            if leg.has_ended() || Instant::now() > deadline {
                return Err(cold(leg));
            }
            poster.post_ahead(number).await?;
            number += 1;
        }
    }
    Ok(())
}

/// Hands over the run's events, each as it comes due, whatever became of those before; all of them,
/// or those until `stop`.
pub(super) async fn run(
    poster: &Arc<Poster>,
    schedule: Schedule,
    dues: &Arc<Dues>,
    window: u16,
    begin: Instant,
    mut progress: Progress,
    mut stop: Stop<'_>,
) -> Result<Answers, Failure> {
    let gate = schedule.gate(begin)?;
    let room = Arc::new(Semaphore::new(usize::from(window)));
    let mut answers = Answers::new(Arc::clone(dues))?;
    let mut under_way = JoinSet::new();
    let mut begun = 0;
    for batch in 0..schedule.batches() {
        let turn = async {
            // Nobody closes either of them.
            let due = gate.acquire().await.map_err(closed)?;
            due.forget();
            Arc::clone(&room).acquire_owned().await.map_err(closed)
        };
        let place = tokio::select! {
            biased;
            () = &mut stop => {
                answers.interrupted = true;
                break;
            }
            place = turn => place?,
        };
        let (now, events) = (Instant::now(), schedule.events_of(batch));
        let due = schedule.due(batch).map_or(now, |due| begin + due);
        answers.behind = answers.behind.max(now.saturating_duration_since(due));
        for event in events.clone() {
            dues.set(usize::try_from(event).unwrap_or(usize::MAX), due);
        }
        begun += events.end - events.start;
        let poster = Arc::clone(poster);
        under_way.spawn(async move {
            let fates = poster.post(events.clone()).await;
            let at = Instant::now();
            drop(place);
            (events, fates, at)
        });
        while let Some(done) = under_way.try_join_next() {
            let (events, fates, at) = done.map_err(panicked)?;
            answers.note(events, fates, at);
        }
        progress.at(answers.sent(), Some(schedule.events));
    }
    let was_interrupted = answers.interrupted;
    let given_up = async move {
        if !was_interrupted {
            stop.await;
        }
        sleep(SOON).await;
    };
    let mut given_up = pin!(given_up);
    loop {
        let done = tokio::select! {
            () = &mut given_up => {
                answers.interrupted = true;
                break;
            }
            done = under_way.join_next() => done,
        };
        let Some(done) = done else { break };
        let (events, fates, at) = done.map_err(panicked)?;
        answers.note(events, fates, at);
        progress.at(answers.sent(), Some(schedule.events));
    }
    answers.unanswered += begun - answers.sent();
    Ok(answers)
}

/// Waits until what the supervisor took has come on each leg, `patience` at most for all of them;
/// then a moment more for what comes twice.
pub(super) async fn settle(legs: &[Leg], accepted: u64, patience: Duration) {
    let deadline = Instant::now() + patience;
    for leg in legs {
        let left = deadline.saturating_duration_since(Instant::now());
        leg.has_received(accepted, left).await;
    }
    if !legs.is_empty() {
        sleep(MOMENT.min(patience)).await;
    }
}

/// The operator's interrupt.
pub(super) type Stop<'a> = Pin<&'a mut dyn Future<Output = ()>>;

fn cold(leg: &Leg) -> Failure {
    let what = format!("see events on the {} leg", leg.name);
    let place = safe(&leg.place);
    let failure = Failure::new(Exit::Failed, what);
    if leg.has_ended() {
        return failure
            .because(format!("{place} ended"))
            .try_next("consign status");
    }
    let failure = failure.because(format!(
        "the supervisor takes them, and none comes on {place}"
    ));
    failure.try_next(match leg.name {
        "nats" => {
            "--server with the supervisor's broker, and its CONSIGN_SUBJECT… settings or --subject"
        }
        _ => "consign status, and whether the circuit is open or events wait in the spool",
    })
}

fn panicked(error: JoinError) -> Failure {
    Failure::new(Exit::Failed, "hand over events").because(error)
}

fn closed(error: AcquireError) -> Failure {
    Failure::new(Exit::Failed, "hand over events").because(error)
}

/// How long a leg may take to show its first event.
const PATIENCE: Duration = Duration::from_secs(5);
/// Between one event and the next until a leg shows one.
const PAUSE: Duration = Duration::from_millis(200);
const MOMENT: Duration = Duration::from_millis(200);
/// How long answers may take after an interrupt.
const SOON: Duration = Duration::from_millis(500);
