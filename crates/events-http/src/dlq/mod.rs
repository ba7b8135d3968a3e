//! `/v1/dlq`: the spool, for operators.

mod answer;
mod ask;
mod confined;
mod entry;
mod page;
mod query;
mod report;
mod selection;
mod words;

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, RawQuery, Request, State};
use axum::response::{IntoResponse as _, Response};

use crate::access::{Grant, Tenants};
use crate::app::App;
use crate::body;
use crate::ports::DeadLetters;
use crate::problem::Problem;

pub use entry::{DlqEntry, NotAnEntry};
pub use page::{DlqArea, DlqPage, DlqPlace, DlqSummary, DlqTotals, UnknownArea};
pub use query::DlqQuery;
pub use report::{DlqFailure, DlqReport};
pub use selection::DlqSelection;

/// `GET /v1/dlq`: the records asked for, oldest first.
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    Extension(grant): Extension<Arc<Grant>>,
    RawQuery(text): RawQuery,
) -> Result<Response, Problem> {
    let query = DlqQuery::parse(text.as_deref().unwrap_or_default()).map_err(Problem::listed)?;
    let tenants = match &grant.tail {
        Tenants::All => Tenants::All,
        seen @ Tenants::Only(_) => seen.narrowed(query.tenant)?,
    };
    let asked =
        async move |port: Arc<dyn DeadLetters>| confined::list(&*port, &query, &tenants).await;
    let page = ask::bounded(&app, asked).await?;
    Ok(axum::Json(page).into_response())
}

/// `GET /v1/dlq/{id}`: one record with its event.
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    Extension(grant): Extension<Arc<Grant>>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let id = record_id(id)?;
    let asked =
        async move |port: Arc<dyn DeadLetters>| confined::show(&*port, id, &grant.tail).await;
    let entry = ask::bounded(&app, asked).await?;
    answer::entry(&entry.ok_or_else(no_such_record)?)
}

/// `DELETE /v1/dlq/{id}`: one record, for good.
pub(crate) async fn drop_record(
    State(app): State<Arc<App>>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let id = record_id(id)?;
    if ask::bounded(&app, async move |port| port.drop_record(id).await).await? {
        Ok(http::StatusCode::NO_CONTENT.into_response())
    } else {
        Err(no_such_record())
    }
}

/// `POST /v1/dlq/redrive`: delivers the chosen records anew.
pub(crate) async fn redrive(
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Response, Problem> {
    let (head, content) = request.into_parts();
    // A web page can send any other type here without asking; this one makes the browser ask.
    body::is_json(&head.headers)?;
    let Some(mut share) = app.in_flight.enter() else {
        return Err(Problem::saturated("too many other requests are in work"));
    };
    let bytes = body::read(&head.headers, content, &app.limits, &mut share).await?;
    let which = DlqSelection::parse(&bytes).map_err(Problem::listed)?;
    drop((bytes, share));
    ask::redrive(&app, which).await
}

/// A record's number as a path gives it: digits alone, so that nothing else is ever looked up.
fn record_id(path: Result<Path<String>, PathRejection>) -> Result<u64, Problem> {
    path.ok()
        .and_then(|Path(text)| words::id(&text))
        .ok_or_else(|| Problem::bad_request("a record's id is a number of up to 20 digits"))
}

fn no_such_record() -> Problem {
    Problem::missing("the spool has no record of this id; it may have been delivered by now")
}
