mod counts;
mod fault;
mod held;
mod lane;
mod pump;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use events_core::subject::SubjectPattern;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use self::fault::Active;
use self::lane::Lane;
use self::pump::pump;
use super::background::Background;

pub use self::counts::{Counts, LaneCounts};
pub use self::fault::{Direction, Fault, Odds, Step};

/// Stands between clients and a server on a loopback port of its own, and does harm when told to.
///
/// It runs on its own thread, by the real clock, until it is dropped; then its connections are
/// closed. Memory is bounded: where a side does not read, the other cannot go on writing. Servers
/// of a cluster tell clients of each other, so put one before each.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    _background: Background,
}

impl Proxy {
    /// Starts one before the server at `upstream`, `nats://127.0.0.1:4222` or `127.0.0.1:4222`.
    /// The server may come later.
    ///
    /// # Errors
    /// Where there is no port or no thread to have.
    pub fn start(upstream: &str) -> io::Result<Self> {
        let (_, host) = upstream.split_once("://").unwrap_or(("", upstream));
        let upstream = host.to_owned();
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::new());
        let state = Arc::clone(&shared);
        let background = Background::spawn(move || accept(listener, upstream, state))?;
        Ok(Self {
            address,
            shared,
            _background: background,
        })
    }

    /// Where clients connect: `nats://127.0.0.1:<port>`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://{}", self.address)
    }

    /// Harms one direction of all connections, those to come too, in place of the fault before.
    pub fn set(&self, direction: Direction, fault: Fault) {
        self.shared.lane(direction).set(Active::from(fault));
    }

    /// From now on the faults of one direction drop, double and delay messages on these subjects
    /// alone, and only those are counted: what a client says to set itself up passes.
    pub fn aim(&self, direction: Direction, subjects: SubjectPattern) {
        self.shared.lane(direction).aim(subjects);
    }

    /// Freezes both directions: the other side is there, and never heard again.
    pub fn freeze(&self) {
        self.set(Direction::ToServer, Fault::Freeze);
        self.set(Direction::ToClient, Fault::Freeze);
    }

    /// Turns away connections to come: each is reset as soon as it is there.
    pub fn refuse(&self) {
        self.shared.refuses.store(true, Ordering::SeqCst);
    }

    /// Resets all connections. New ones are let in.
    pub fn cut(&self) {
        self.shared.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// Ends one direction of all connections, as a side does that has nothing more to say; the
    /// other goes on. New connections are not touched.
    pub fn half_close(&self, direction: Direction) {
        self.shared.lane(direction).half_close();
    }

    /// Ends all faults and lets go of what was held back. What was dropped stays so.
    pub fn heal(&self) {
        self.shared.refuses.store(false, Ordering::SeqCst);
        self.shared.to_server.heal();
        self.shared.to_client.heal();
    }

    /// What it has done so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts {
            to_server: self.shared.to_server.counts(),
            to_client: self.shared.to_client.counts(),
            accepted: self.shared.accepted.load(Ordering::SeqCst),
            refused: self.shared.refused.load(Ordering::SeqCst),
            cut: self.shared.cut.load(Ordering::SeqCst),
        }
    }
}

#[derive(Debug)]
struct Shared {
    to_server: Lane,
    to_client: Lane,
    refuses: AtomicBool,
    cuts: watch::Sender<u64>,
    accepted: AtomicU64,
    refused: AtomicU64,
    cut: AtomicU64,
}

impl Shared {
    fn new() -> Self {
        Self {
            to_server: Lane::new(),
            to_client: Lane::new(),
            refuses: AtomicBool::new(false),
            cuts: watch::Sender::new(0),
            accepted: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            cut: AtomicU64::new(0),
        }
    }

    fn lane(&self, direction: Direction) -> &Lane {
        match direction {
            Direction::ToServer => &self.to_server,
            Direction::ToClient => &self.to_client,
        }
    }
}

async fn accept(listener: std::net::TcpListener, upstream: String, shared: Arc<Shared>) {
    let Ok(listener) = TcpListener::from_std(listener) else {
        return;
    };
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => {
                let Ok((client, _)) = accepted else { continue };
                if shared.refuses.load(Ordering::SeqCst) {
                    shared.refused.fetch_add(1, Ordering::SeqCst);
                    reset(client);
                    continue;
                }
                shared.accepted.fetch_add(1, Ordering::SeqCst);
                let cuts = shared.cuts.subscribe();
                let (upstream, shared) = (upstream.clone(), Arc::clone(&shared));
                connections.spawn(async move { connect(client, &upstream, &shared, cuts).await });
            }
        }
    }
}

async fn connect(
    mut client: TcpStream,
    upstream: &str,
    shared: &Shared,
    mut cuts: watch::Receiver<u64>,
) {
    let Ok(mut server) = TcpStream::connect(upstream).await else {
        shared.cut.fetch_add(1, Ordering::SeqCst);
        return reset(client);
    };
    let ended = tokio::select! {
        ended = carry(&mut client, &mut server, shared) => ended,
        _ = cuts.changed() => Err(io::ErrorKind::ConnectionReset.into()),
    };
    if ended.is_err() {
        shared.cut.fetch_add(1, Ordering::SeqCst);
        reset(client);
        reset(server);
    }
}

async fn carry(client: &mut TcpStream, server: &mut TcpStream, shared: &Shared) -> io::Result<()> {
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (from_client, to_client) = client.split();
    let (from_server, to_server) = server.split();
    tokio::try_join!(
        pump(from_client, to_server, &shared.to_server),
        pump(from_server, to_client, &shared.to_client),
    )?;
    Ok(())
}

/// Closes a connection so that the other side hears of a reset and not of an end.
fn reset(stream: TcpStream) {
    // It fails where the other side was faster, and then there is nobody to tell.
    drop(stream.set_zero_linger());
    drop(stream);
}
