use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use http::Response;
use hyper::body::{Frame, SizeHint};

use super::phase::Phase;

/// Marks an answer that has no end of its own, so that a stop need not wait for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Endless;

/// An answer's body. The connection is busy until it is written or given up, which for a live tail
/// may be hours after its head.
pub(super) struct Answering {
    body: Body,
    phase: Phase,
}

impl Answering {
    pub(super) fn wrap(answer: Response<Body>, phase: Phase) -> Response<Self> {
        if answer.extensions().get::<Endless>().is_some() {
            phase.go_on();
        }
        answer.map(|body| Self { body, phase })
    }
}

impl hyper::body::Body for Answering {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.phase.end();
    }
}
