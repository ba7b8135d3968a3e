use std::sync::Arc;

use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use serde_json::json;
use tokio::time::timeout;

use super::DlqSelection;
use crate::app::App;
use crate::ports::{DeadLetters, DlqTrouble};
use crate::problem::Problem;

/// Asks the spool, in a task that goes on when the client does not.
pub(super) async fn bounded<T, F>(
    app: &App,
    ask: impl FnOnce(Arc<dyn DeadLetters>) -> F,
) -> Result<T, Problem>
where
    T: Send + 'static,
    F: Future<Output = Result<T, DlqTrouble>> + Send + 'static,
{
    let port = port(app)?;
    let Some(share) = app.in_flight.enter() else {
        return Err(Problem::saturated("too many other requests are in work"));
    };
    let asked = ask(port);
    let task = tokio::spawn(async move {
        let answer = asked.await;
        drop(share);
        answer
    });
    match timeout(app.limits.answer_timeout, task).await {
        Ok(Ok(answer)) => Ok(answer?),
        Ok(Err(_)) => Err(failed()),
        Err(_) => Err(Problem::timed_out(
            "the spool took too long; what was asked may still come about",
        )),
    }
}

/// Redrives, and says what became of it: at once when it is over within the time for answers,
/// else that it goes on. One at a time, since two would only get into each other's way.
pub(super) async fn redrive(app: &App, which: DlqSelection) -> Result<Response, Problem> {
    let port = port(app)?;
    let Ok(turn) = Arc::clone(&app.redriving).try_acquire_owned() else {
        return Err(Problem::conflict("another redrive is in work"));
    };
    let task = tokio::spawn(async move {
        let report = port.redrive(&which).await;
        drop(turn);
        report
    });
    match timeout(app.limits.answer_timeout, task).await {
        Ok(Ok(report)) => Ok(axum::Json(report?).into_response()),
        Ok(Err(_)) => Err(failed()),
        Err(_) => {
            let detail = "the redrive goes on; GET /v1/dlq says what is left";
            let body = json!({ "kind": "DlqRedriving", "detail": detail });
            Ok((StatusCode::ACCEPTED, axum::Json(body)).into_response())
        }
    }
}

fn port(app: &App) -> Result<Arc<dyn DeadLetters>, Problem> {
    Ok(app.ports.dead_letters.clone().ok_or(DlqTrouble::Absent)?)
}

fn failed() -> Problem {
    Problem::internal("the spool was asked and nothing came back")
}

impl From<DlqTrouble> for Problem {
    fn from(trouble: DlqTrouble) -> Self {
        match trouble {
            DlqTrouble::Absent => Self::no_spool(),
            DlqTrouble::Failed(detail) => Self::internal(detail),
        }
    }
}
