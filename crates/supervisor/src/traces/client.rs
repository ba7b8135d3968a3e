use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use events_core::chained;
use http::header::HOST;
use http::uri::Scheme;
use http::{HeaderValue, Request, Response, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use opentelemetry_http::{HttpClient, HttpError};
use thiserror::Error;
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing::{info, warn};

/// Brings spans to a collector, over plain HTTP/1.1, on our runtime: the exporter calls from a
/// thread of its own. Says once that it does not work, and once that it works again.
#[derive(Clone, Debug)]
pub(super) struct Client {
    runtime: Handle,
    away: Arc<AtomicBool>,
}

#[derive(Debug, Error)]
enum Trouble {
    #[error("an OTLP endpoint must be http://host:port; send to a collector on this machine")]
    Endpoint,
    #[error("the collector did not answer within 10 s")]
    Silence,
    #[error("the collector answers {0}")]
    Refused(u16),
}

impl Client {
    pub(super) fn new() -> Self {
        Self {
            runtime: Handle::current(),
            away: Arc::default(),
        }
    }

    fn tell(&self, trouble: Option<String>) {
        let was_away = self.away.swap(trouble.is_some(), Ordering::Relaxed);
        match (was_away, trouble) {
            (false, Some(error)) => {
                warn!(error, "traces cannot be exported; events are not affected");
            }
            (true, None) => info!("traces are exported again"),
            (true, Some(_)) | (false, None) => {}
        }
    }
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        // The time limit needs the runtime too.
        let sending = async move { timeout(PATIENCE, send(request)).await };
        let sending = self.runtime.spawn(sending);
        let sent = match sending.await? {
            Ok(sent) => sent,
            Err(_) => Err(Trouble::Silence.into()),
        };
        let trouble = match &sent {
            Ok(answer) if answer.status().is_success() => None,
            Ok(answer) => Some(Trouble::Refused(answer.status().as_u16()).to_string()),
            Err(error) => Some(chained(&**error)),
        };
        self.tell(trouble);
        sent
    }
}

async fn send(mut request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
    let uri = request.uri();
    let authority = uri.authority().ok_or(Trouble::Endpoint)?;
    if uri.scheme() != Some(&Scheme::HTTP) {
        return Err(Trouble::Endpoint.into());
    }
    let host = authority.host().trim_matches(['[', ']']).to_owned();
    let port = authority.port_u16().unwrap_or(80);
    let named = HeaderValue::try_from(authority.as_str())?;
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let path: Uri = path.parse()?;
    *request.uri_mut() = path;
    request.headers_mut().insert(HOST, named);

    let stream = TcpStream::connect((host, port)).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let mut driver = JoinSet::new();
    driver.spawn(connection);
    let answer = sender.send_request(request.map(Full::new)).await?;
    let (head, body) = answer.into_parts();
    let body = Limited::new(body, LARGEST).collect().await?.to_bytes();
    Ok(Response::from_parts(head, body))
}

const PATIENCE: Duration = Duration::from_secs(10);
const LARGEST: usize = 1 << 20;
