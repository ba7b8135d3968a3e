use std::error::Error as _;
use std::future::{pending, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::futures::Notified;
use tokio::sync::{Notify, watch};
use tokio::time::{sleep, timeout};
use tower::ServiceExt as _;

use super::answering::Answering;
use super::phase::Phase;
use super::stream::TimedStream;
use crate::Limits;

/// How far the server has come in stopping.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Stage {
    /// It is not.
    Serving,
    /// Requests in work are finished, others no longer taken.
    Draining,
    /// What is still there is cut off.
    Cut,
}

/// What all connections of a server share.
#[derive(Debug)]
pub(super) struct Connections {
    http: http1::Builder,
    router: Router,
    limits: Limits,
    room_wanted: Notify,
}

impl Connections {
    pub(super) fn new(router: Router, limits: Limits) -> Self {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            // Who has said everything may say so, and still wants the answer.
            .half_close(true)
            // This one runs between requests too, and TimedStream has the shorter one for heads.
            .header_read_timeout(limits.idle_timeout.max(limits.header_timeout))
            .max_header_size(limits.max_header_bytes)
            .max_buf_size(limits.max_header_bytes.max(LEAST_BUFFER));
        Self {
            http,
            router,
            limits,
            room_wanted: Notify::new(),
        }
    }

    /// Asks the connection that has waited longest for a request to make room for a new one, or
    /// the next one to wait.
    pub(super) fn make_room(&self) {
        self.room_wanted.notify_one();
    }

    /// Serves one connection until its client, a time limit or a stop ends it.
    pub(super) async fn serve(&self, stream: TcpStream, mut stage: watch::Receiver<Stage>) {
        let phase = Phase::new(self.limits.header_timeout);
        let stream = TimedStream::new(stream, phase.clone(), self.limits.answer_timeout);
        let router = self.router.clone();
        let service_phase = phase.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let phase = service_phase.clone();
            phase.begin();
            let answer = router.clone().oneshot(request);
            Box::pin(async move {
                let answer = answer.await;
                answer.map(|answer| Answering::wrap(answer, phase))
            })
        });
        let mut connection = self.http.serve_connection(TokioIo::new(stream), service);
        let ended = tokio::select! {
            biased;
            ended = self.until_room_is_wanted(|cx| connection.poll_without_shutdown(cx), &phase) => ended,
            () = reached(&mut stage, Stage::Draining) => None,
        };
        let nothing_came = ended.is_none() && phase.is_quiet();
        let result = match ended {
            Some(result) => result,
            None => {
                Pin::new(&mut connection).graceful_shutdown();
                tokio::select! {
                    biased;
                    result = poll_fn(|cx| connection.poll_without_shutdown(cx)) => result,
                    () = reached(&mut stage, Stage::Cut) => return,
                    () = deafness(&phase) => return,
                }
            }
        };
        let last_word: &[u8] = match result {
            Ok(()) if nothing_came => return,
            Ok(()) => b"",
            Err(error) if error.is_parse() => b"",
            Err(error) if timed_out(&error) && phase.is_in_a_head() => TOO_SLOW,
            Err(_) => return,
        };
        let stream = connection.into_parts().io.into_inner().into_inner();
        tokio::select! {
            () = part(stream, last_word) => {}
            () = reached(&mut stage, Stage::Cut) => {}
        }
    }

    /// Polls a connection until it ends, or until it is asked to make room: then `None`.
    async fn until_room_is_wanted(
        &self,
        mut connection: impl FnMut(&mut Context<'_>) -> Poll<hyper::Result<()>>,
        phase: &Phase,
    ) -> Option<hyper::Result<()>> {
        let mut question = pin!(None::<Notified<'_>>);
        poll_fn(|cx| {
            if let Poll::Ready(result) = connection(cx) {
                return Poll::Ready(Some(result));
            }
            // Only connections without a request are asked. One that gets a request passes the
            // question on to the next, by dropping it.
            if !phase.is_quiet() {
                question.set(None);
                return Poll::Pending;
            }
            if question.is_none() {
                question.set(Some(self.room_wanted.notified()));
            }
            match question.as_mut().as_pin_mut() {
                Some(question) => question.poll(cx).map(|()| None),
                None => Poll::Pending,
            }
        })
        .await
    }
}

/// Waits until the stop has come to `wanted`, or the server is gone without one.
async fn reached(stage: &mut watch::Receiver<Stage>, wanted: Stage) {
    drop(stage.wait_for(|stage| *stage >= wanted).await);
}

/// Waits as long as who listens without end may take to hear that the end has come after all.
async fn deafness(phase: &Phase) {
    sleep(LAST_CALL).await;
    if !phase.is_endless() {
        pending().await
    }
}

fn timed_out(error: &hyper::Error) -> bool {
    let cause = error.source().and_then(|cause| cause.downcast_ref());
    error.is_timeout()
        || cause.is_some_and(|cause: &io::Error| cause.kind() == io::ErrorKind::TimedOut)
}

/// Says a last word and closes, but not before the client has had time to read what was
/// answered: closing while it still sends would take the answer away from it.
async fn part(mut stream: TcpStream, last_word: &[u8]) {
    let lingering = async {
        stream.write_all(last_word).await?;
        stream.shutdown().await?;
        let mut discarded = 0;
        let mut piece = vec![0; 16 * 1024];
        while discarded < LINGER_BYTES {
            match timeout(LINGER_QUIET, stream.read(&mut piece)).await {
                Ok(Ok(length @ 1..)) => discarded += length,
                _ => break,
            }
        }
        io::Result::Ok(())
    };
    // Whatever goes wrong here, the connection is over.
    drop(timeout(LINGER, lingering).await);
}

const TOO_SLOW: &[u8] =
    b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
const LAST_CALL: Duration = Duration::from_secs(1);
const LINGER: Duration = Duration::from_secs(5);
const LINGER_QUIET: Duration = Duration::from_secs(1);
const LINGER_BYTES: usize = 32 * 1024 * 1024;
const LEAST_BUFFER: usize = 16 * 1024;
