use axum::response::{IntoResponse as _, Response};
use http::header::CONTENT_TYPE;

use super::DlqEntry;
use crate::problem::Problem;

/// One record with its event, byte for byte.
pub(super) fn entry(entry: &DlqEntry) -> Result<Response, Problem> {
    let text = entry
        .to_json()
        .map_err(|_| Problem::internal("the record's event is no JSON"))?;
    Ok(([(CONTENT_TYPE, "application/json")], text).into_response())
}
