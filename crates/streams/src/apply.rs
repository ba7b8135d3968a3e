use async_nats::jetstream::Context;

use crate::diff::compare;
use crate::live::Live;
use crate::{Change, Plan, Step, StreamName, StreamSpec, StreamsError, api};

/// What came of a plan.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Applied {
    /// The streams made.
    pub created: Vec<StreamName>,
    /// The streams changed.
    pub updated: Vec<StreamName>,
    /// The streams the server refused to make or change; the others are not affected.
    pub failed: Vec<(StreamName, StreamsError)>,
}

/// Does what the plan says, stream by stream; applied again it changes nothing.
///
/// Each stream is looked at again, and left alone where it is not as planned any more. Cancelled
/// half way, the steps done stand.
///
/// # Errors
/// The server does not answer, or has no JetStream.
pub async fn apply(js: &Context, plan: &Plan) -> Result<Applied, StreamsError> {
    let mut applied = Applied::default();
    for step in plan.steps() {
        let stream = step.stream();
        let done = match (step, plan.spec(stream)) {
            (Step::Create { config, .. }, _) => create(js, config).await,
            (Step::Update { changes, .. }, Some(spec)) => update(js, spec, changes).await,
            _ => Ok(Done::Nothing),
        };
        match done {
            Ok(Done::Nothing) => {}
            Ok(Done::Created) => applied.created.push(stream.clone()),
            Ok(Done::Updated) => applied.updated.push(stream.clone()),
            Err(error) if error.concerns_all() => return Err(error),
            Err(error) => applied.failed.push((stream.clone(), error)),
        }
    }
    Ok(applied)
}

enum Done {
    Nothing,
    Created,
    Updated,
}

async fn create(js: &Context, spec: &StreamSpec) -> Result<Done, StreamsError> {
    match api::find(js, spec.name.as_str()).await? {
        None => {
            api::create(js, &Live::from(spec)).await?;
            Ok(Done::Created)
        }
        Some(live) => as_declared(spec, &live),
    }
}

async fn update(js: &Context, spec: &StreamSpec, planned: &[Change]) -> Result<Done, StreamsError> {
    let stream = spec.name.clone();
    let Some(live) = api::find(js, spec.name.as_str()).await? else {
        return Err(StreamsError::Changed { stream });
    };
    let comparison = compare(spec, &live);
    if comparison.changes == planned {
        api::update(js, &comparison.target).await?;
        return Ok(Done::Updated);
    }
    as_declared(spec, &live)
}

/// Somebody, perhaps this plan, was there before.
fn as_declared(spec: &StreamSpec, live: &Live) -> Result<Done, StreamsError> {
    if compare(spec, live).changes.is_empty() {
        return Ok(Done::Nothing);
    }
    let stream = spec.name.clone();
    Err(StreamsError::Changed { stream })
}
