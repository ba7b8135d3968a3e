use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Instant, sleep, timeout_at};

use super::connection::{Connections, Stage};
use crate::app::App;
use crate::hosts::Hosts;
use crate::in_flight::InFlight;
use crate::tail::Clients;
use crate::{Config, Keyring, Ports, Scope, router};

/// The HTTP side, listening.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    local_addr: SocketAddr,
    app: Arc<App>,
    connections: Arc<Connections>,
}

/// Why a server does not listen.
#[derive(Debug, Error)]
pub enum BindError {
    /// Anybody could reach it, and nothing would tell friend from foe.
    #[error("refuse to listen on {addr} without a token, since it is not loopback")]
    Exposed {
        /// The address.
        addr: SocketAddr,
    },
    /// The system does not let it.
    #[error("listen on {addr}")]
    Listen {
        /// The address.
        addr: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
}

/// How a stop went.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Drained {
    /// Connections that were cut off when the grace was over.
    pub cut: usize,
    /// Requests whose events had been handed over and were still in work then. They go on in
    /// tasks of their own.
    pub in_work: usize,
}

impl Server {
    /// Starts to listen. Clients can connect from now on, and are answered once it
    /// [`serve`](Self::serve)s.
    ///
    /// # Errors
    /// [`BindError::Exposed`] beyond loopback without a token, unless `insecure` says so;
    /// [`BindError::Listen`] where the system refuses.
    pub async fn bind(config: Config, ports: Ports) -> Result<Self, BindError> {
        let Config {
            addr,
            limits,
            mut tokens,
            ..
        } = config;
        if let Some(token) = config.token {
            tokens.add(token, [Scope::Admin]);
        }
        let loopback = addr.ip().to_canonical().is_loopback();
        if !loopback && tokens.is_empty() && !config.insecure {
            return Err(BindError::Exposed { addr });
        }
        let failed = |source| BindError::Listen { addr, source };
        let listener = TcpListener::bind(addr).await.map_err(failed)?;
        let local_addr = listener.local_addr().map_err(failed)?;
        let app = Arc::new(App {
            ports,
            limits,
            hosts: Hosts::new(local_addr.ip(), !tokens.is_empty(), &config.hosts),
            keyring: Keyring::new(tokens),
            in_flight: InFlight::new(&limits),
            histories: Arc::new(Semaphore::new(limits.max_histories)),
            clients: Clients::new(&limits),
            stopping: watch::Sender::new(false),
            redriving: Arc::new(Semaphore::new(1)),
        });
        let router = router::router(config.surface, Arc::clone(&app));
        Ok(Self {
            listener,
            local_addr,
            app,
            connections: Arc::new(Connections::new(router, limits)),
        })
    }

    /// The address it listens on, with the port it was given.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// The tokens it asks for.
    #[must_use]
    pub fn keyring(&self) -> Keyring {
        self.app.keyring.clone()
    }

    /// Answers requests until `shutdown` completes, and then stops: no new connections, idle ones
    /// close, live tails end, requests in work are finished, for as long as the grace lasts.
    ///
    /// # Cancel safety
    /// Dropping the future cuts every connection off. Events handed over stay handed over.
    pub async fn serve(self, shutdown: impl Future<Output = ()> + Send) -> Drained {
        let limits = self.app.limits;
        let most = limits.max_connections.clamp(1, MOST_CONNECTIONS);
        let places = Arc::new(Semaphore::new(most));
        let (stage, watching) = watch::channel(Stage::Serving);
        tokio::select! {
            () = shutdown => {}
            never = self.accept(&places, &watching) => match never {},
        }
        drop(self.listener);
        drop(watching);
        stage.send_replace(Stage::Draining);
        self.app.stopping.send_replace(true);
        let deadline = Instant::now() + limits.shutdown_grace;
        let all = u32::try_from(most).unwrap_or(u32::MAX);
        let in_flight = &self.app.in_flight;
        let quiet = async {
            drop(places.acquire_many(all).await);
            in_flight.drained().await;
        };
        if timeout_at(deadline, quiet).await.is_ok() {
            return Drained { cut: 0, in_work: 0 };
        }
        let cut = most.saturating_sub(places.available_permits());
        stage.send_replace(Stage::Cut);
        // Connections give way at once, and take the requests with them that are still arriving.
        drop(places.acquire_many(all).await);
        Drained {
            cut,
            in_work: in_flight.count(),
        }
    }

    async fn accept(&self, places: &Arc<Semaphore>, stage: &watch::Receiver<Stage>) -> Never {
        loop {
            let stream = self.next_stream().await;
            let place = self.place(places).await;
            let connections = Arc::clone(&self.connections);
            let stage = stage.clone();
            tokio::spawn(async move {
                connections.serve(stream, stage).await;
                drop(place);
            });
        }
    }

    /// The next connection. Where the system has no descriptor left, waits for some to be freed.
    async fn next_stream(&self) -> TcpStream {
        let mut told = false;
        loop {
            match self.listener.accept().await {
                Ok((stream, _)) => {
                    // Answers are small and complete; waiting for more to send only delays them.
                    drop(stream.set_nodelay(true));
                    return stream;
                }
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    if !told {
                        tracing::warn!(%error, "failed to accept connections, trying on");
                        told = true;
                    }
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    /// A place for a connection. When there is none, an idle one is asked to make room, so that
    /// those who ask nothing never keep out those who do.
    async fn place(&self, places: &Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
        if let Ok(place) = Arc::clone(places).try_acquire_owned() {
            return Some(place);
        }
        self.connections.make_room();
        // The semaphore is never closed.
        Arc::clone(places).acquire_owned().await.ok()
    }
}

/// A connection that failed before it was accepted says nothing of the next one.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
    )
}

enum Never {}

const ACCEPT_PAUSE: Duration = Duration::from_millis(200);
const MOST_CONNECTIONS: usize = 65_536;
