use std::sync::Arc;

use events_core::{ErrorKind, Event, SinkError};
use tokio::time::timeout;

use crate::app::App;
use crate::in_flight::Share;
use crate::ports::Accepted;
use crate::problem::Problem;

/// Hands the good events over and puts each answer in its event's place.
///
/// # Cancel safety
/// The hand-over goes on in a task of its own, and keeps its share until it is done.
pub(super) async fn take(
    app: &App,
    events: Vec<Result<Event, SinkError>>,
    share: Share,
) -> Result<Vec<Result<Accepted, SinkError>>, Problem> {
    let mut good = Vec::with_capacity(events.len());
    let places: Vec<Result<(), SinkError>> = events
        .into_iter()
        .map(|event| event.map(|event| good.push(event)))
        .collect();
    let mut answers = if good.is_empty() {
        Vec::new()
    } else {
        hand_over(app, good, share).await?
    }
    .into_iter();
    let mut answer = |()| answers.next().unwrap_or_else(|| Err(unanswered()));
    Ok(places
        .into_iter()
        .map(|place| place.and_then(&mut answer))
        .collect())
}

async fn hand_over(
    app: &App,
    events: Vec<Event>,
    share: Share,
) -> Result<Vec<Result<Accepted, SinkError>>, Problem> {
    let intake = Arc::clone(&app.ports.intake);
    let task = tokio::spawn(async move {
        let answers = intake.accept(events).await;
        drop(share);
        answers
    });
    match timeout(app.limits.answer_timeout, task).await {
        Ok(Ok(answers)) => Ok(answers),
        Ok(Err(_)) => Err(Problem::internal(
            "what became of the events is unknown; it is safe to send them again",
        )),
        Err(_) => Err(Problem::unavailable(
            "custody took too long and may still come about; it is safe to send the events again",
        )),
    }
}

/// The intake broke its promise of one result for each event.
pub(super) fn unanswered() -> SinkError {
    SinkError::new(
        ErrorKind::Unavailable,
        "get an answer for every event of the request",
    )
}
