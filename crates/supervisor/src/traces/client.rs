use std::fmt;
use std::path::PathBuf;
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
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::sync::OnceCell;
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;
use tracing::{info, warn};

use super::tls;

/// Brings spans to a collector, over HTTP/1.1, plain or in TLS, on our runtime: the exporter calls
/// from a thread of its own. Says once that it does not work, and once that it works again.
#[derive(Clone)]
pub(super) struct Client {
    runtime: Handle,
    away: Arc<AtomicBool>,
    tls: Tls,
}

/// How TLS is spoken, once somebody has to.
#[derive(Clone)]
struct Tls {
    trusted: Option<PathBuf>,
    connector: Arc<OnceCell<TlsConnector>>,
}

#[derive(Debug, Error)]
enum Trouble {
    #[error("an OTLP endpoint must be http://host:port or https://host:port")]
    Endpoint,
    #[error("the collector did not answer within 10 s")]
    Silence,
    #[error("the collector answers {0}")]
    Refused(u16),
}

impl Client {
    /// A client that trusts the certificates of `trusted`, a PEM file, or else what this machine
    /// trusts.
    pub(super) fn new(trusted: Option<PathBuf>) -> Self {
        Self {
            runtime: Handle::current(),
            away: Arc::default(),
            tls: Tls {
                trusted,
                connector: Arc::default(),
            },
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
        let tls = self.tls.clone();
        let sending = async move { timeout(PATIENCE, send(request, &tls)).await };
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

impl Tls {
    async fn around(
        &self,
        host: String,
        stream: TcpStream,
    ) -> Result<TlsStream<TcpStream>, HttpError> {
        let trusted = self.trusted.clone();
        // Files are read where that may take its time; what failed is read again.
        let read = async || spawn_blocking(move || tls::connector(trusted.as_deref())).await;
        let prepare = async || Ok::<_, HttpError>(read().await??);
        let connector = self.connector.get_or_try_init(prepare).await?;
        let name = ServerName::try_from(host).map_err(|_| Trouble::Endpoint)?;
        Ok(connector.connect(name, stream).await?)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("away", &self.away)
            .finish_non_exhaustive()
    }
}

async fn send(mut request: Request<Bytes>, tls: &Tls) -> Result<Response<Bytes>, HttpError> {
    let uri = request.uri();
    let authority = uri.authority().ok_or(Trouble::Endpoint)?;
    let is_secure = match uri.scheme() {
        Some(scheme) if *scheme == Scheme::HTTP => false,
        Some(scheme) if *scheme == Scheme::HTTPS => true,
        _ => return Err(Trouble::Endpoint.into()),
    };
    let host = authority.host().trim_matches(['[', ']']).to_owned();
    let usual = if is_secure { 443 } else { 80 };
    let port = authority.port_u16().unwrap_or(usual);
    let named = HeaderValue::try_from(authority.as_str())?;
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let path: Uri = path.parse()?;
    *request.uri_mut() = path;
    request.headers_mut().insert(HOST, named);

    let stream = TcpStream::connect((host.as_str(), port)).await?;
    if is_secure {
        exchange(tls.around(host, stream).await?, request).await
    } else {
        exchange(stream, request).await
    }
}

async fn exchange<S>(stream: S, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
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
