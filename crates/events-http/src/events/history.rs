use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Extension, RawQuery, State};
use axum::response::{IntoResponse as _, Response};
use bytes::{BufMut as _, Bytes, BytesMut};
use events_core::{WireEvent, time};
use futures::stream::{BoxStream, Fuse, try_unfold};
use futures::{FutureExt as _, StreamExt as _};
use http::header::CONTENT_TYPE;
use http::{StatusCode, Version};
use thiserror::Error;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use super::query::EventQuery;
use crate::Tenants;
use crate::access::Grant;
use crate::app::App;
use crate::ports::HistoryTrouble;
use crate::problem::Problem;

/// `GET /v1/events`: the newest events that match, one a line, all of them or a broken connection.
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    Extension(grant): Extension<Arc<Grant>>,
    version: Version,
    RawQuery(text): RawQuery,
) -> Result<Response, Problem> {
    let Some(history) = &app.ports.history else {
        return Err(Problem::missing(
            "events that are kept cannot be read back here",
        ));
    };
    let query =
        EventQuery::of_history(&text.unwrap_or_default(), time::now()).map_err(Problem::listed)?;
    let wanted = query.wanted(&grant.tail)?;
    if version < Version::HTTP_11 {
        return Err(endless());
    }
    let Ok(turn) = Arc::clone(&app.histories).try_acquire_owned() else {
        return Err(Problem::saturated("too many others read history"));
    };
    let tenants = wanted.tenants.clone();
    let mut lines = Lines {
        events: history.newest(wanted, query.limit.unwrap_or(USUAL)).fuse(),
        tenants,
        patience: app.limits.answer_timeout,
        broken: None,
        _turn: turn,
    };
    let mut first = lines.piece().await?;
    if let Some(broken) = lines.broken.take() {
        return Err(broken.into());
    }
    if first.is_none() {
        return Ok([(CONTENT_TYPE, NDJSON)].into_response());
    }
    let rest = try_unfold(lines, move |mut lines| {
        let first = first.take();
        async move {
            let piece = match first {
                Some(first) => Some(first),
                None => lines.piece().await.inspect_err(tell)?,
            };
            Ok::<_, Broken>(piece.map(|piece| (piece, lines)))
        }
    });
    Ok(([(CONTENT_TYPE, NDJSON)], Body::from_stream(rest)).into_response())
}

/// The lines of an answer, a piece at a time.
struct Lines {
    events: Fuse<BoxStream<'static, Result<WireEvent, HistoryTrouble>>>,
    tenants: Tenants,
    patience: Duration,
    /// Why there will be no more after the piece that was given out last.
    broken: Option<Broken>,
    _turn: OwnedSemaphorePermit,
}

/// Why an answer is not whole.
#[derive(Clone, Debug, Error)]
enum Broken {
    #[error("history did not answer within {0:?}")]
    Silent(Duration),
    #[error(transparent)]
    Trouble(#[from] HistoryTrouble),
}

impl Lines {
    /// Waits for an event, and takes those along that are there already.
    async fn piece(&mut self) -> Result<Option<Bytes>, Broken> {
        if let Some(broken) = self.broken.take() {
            return Err(broken);
        }
        let mut piece = BytesMut::new();
        while piece.len() < PIECE {
            let next = if piece.is_empty() {
                let next = timeout(self.patience, self.events.next()).await;
                next.map_err(|_| Broken::Silent(self.patience))?
            } else if let Some(next) = self.events.next().now_or_never() {
                next
            } else {
                break;
            };
            match next {
                Some(Ok(event)) => self.add(&event, &mut piece),
                Some(Err(trouble)) if piece.is_empty() => return Err(trouble.into()),
                Some(Err(trouble)) => {
                    self.broken = Some(trouble.into());
                    break;
                }
                None => break,
            }
        }
        Ok((!piece.is_empty()).then(|| piece.freeze()))
    }

    fn add(&self, event: &WireEvent, piece: &mut BytesMut) {
        // It was asked for in this way; what a token may not see must not hang on that alone.
        if !self.tenants.hold(event.tenant()) {
            return;
        }
        let bytes = event.bytes();
        piece.reserve(bytes.len() + 1);
        piece.put_slice(bytes);
        piece.put_u8(b'\n');
    }
}

impl From<Broken> for Problem {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Silent(_) => Self::timed_out(broken.to_string()),
            Broken::Trouble(trouble) => trouble.into(),
        }
    }
}

impl From<HistoryTrouble> for Problem {
    fn from(trouble: HistoryTrouble) -> Self {
        match trouble {
            HistoryTrouble::Failed(detail) => Self::internal(detail),
            HistoryTrouble::Unavailable(detail) => {
                let title = "History cannot be read now";
                let status = StatusCode::SERVICE_UNAVAILABLE;
                Self::new(status, "unavailable", title, detail).retry_after(5)
            }
        }
    }
}

fn tell(broken: &Broken) {
    tracing::warn!(error = %broken, "history broke off while it was being read");
}

/// Before HTTP/1.1 a body ends where the connection does, and a part would look like the whole.
fn endless() -> Problem {
    let title = "The version of HTTP is too old";
    let detail = "only HTTP/1.1 can tell a whole answer from a part of one";
    let status = StatusCode::HTTP_VERSION_NOT_SUPPORTED;
    Problem::new(status, "http-version", title, detail)
}

const NDJSON: &str = "application/x-ndjson";
const USUAL: usize = 100;
const PIECE: usize = 64 * 1024;
