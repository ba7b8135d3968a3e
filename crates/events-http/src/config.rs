use std::net::SocketAddr;
use std::time::Duration;

use crate::{Token, Tokens};

/// Where and how a [`Server`](crate::Server) listens.
#[derive(Clone, Debug)]
pub struct Config {
    /// The address to listen on. Port 0 takes any free one.
    pub addr: SocketAddr,
    /// What callers must show, good for everything. Needed beyond loopback, this or `tokens`.
    pub token: Option<Token>,
    /// What callers may show besides, each good for what its scopes say.
    pub tokens: Tokens,
    /// Whether to listen beyond loopback without a token all the same.
    pub insecure: bool,
    /// Host names that callers may use besides those that are always good; see the README.
    pub hosts: Vec<String>,
    /// Which requests are answered here.
    pub surface: Surface,
    /// Bounds on what callers may take.
    pub limits: Limits,
}

/// Which requests a [`Server`](crate::Server) answers, so that probes and metrics can have an
/// address of their own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Surface {
    /// Everything.
    Whole,
    /// Events, status and keys: what applications and operators ask for.
    Events,
    /// Probes and metrics: what machines ask for.
    Probes,
}

/// Bounds on size, number and time. Sizes are in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The largest request body: 1 MiB.
    pub max_body: usize,
    /// The most events in a batch: 1,000.
    pub max_batch: usize,
    /// The largest event as received: 256 KiB.
    pub max_event: usize,
    /// The largest request line and headers together: 16 KiB.
    pub max_header_bytes: usize,
    /// The most connections at once: 512. At the bound, the one idle longest makes room.
    pub max_connections: usize,
    /// The most requests with events in work at once, those of vanished clients included: 256.
    pub max_in_flight: usize,
    /// The most bytes of bodies held at once, over all requests: 64 MiB.
    pub max_buffered: usize,
    /// The most answers from history in work at once: 16.
    pub max_histories: usize,
    /// The most clients of the live tail at once: 64.
    pub sse_max_clients: usize,
    /// The most events held for one client of the live tail: 1,024.
    pub sse_buffer: usize,
    /// The most bytes of events held for one client of the live tail: 4 MiB, or one event.
    pub sse_buffer_bytes: usize,
    /// How long a client of the live tail may take nothing while its buffer is full: 5 s.
    pub sse_patience: Duration,
    /// How long a live tail is silent without a sign of life: 15 s.
    pub sse_heartbeat: Duration,
    /// How long a client may take to send a request's headers: 10 s.
    pub header_timeout: Duration,
    /// How long a connection may stay open without a request: 75 s.
    pub idle_timeout: Duration,
    /// How long a client may take to send a body: 30 s.
    pub body_timeout: Duration,
    /// How long a client waits for custody of its events, and how long it may take to read an
    /// answer, or a piece of one that comes in pieces: 30 s.
    pub answer_timeout: Duration,
    /// How long a stop waits for requests that are in work: 20 s.
    pub shutdown_grace: Duration,
}

impl Config {
    /// Everything at `addr`, without a token, under the default limits.
    #[must_use]
    pub fn new(addr: SocketAddr) -> Self {
        Self {
            addr,
            token: None,
            tokens: Tokens::default(),
            insecure: false,
            hosts: Vec::new(),
            surface: Surface::Whole,
            limits: Limits::default(),
        }
    }
}

impl Limits {
    /// The part that concerns decoders.
    pub(crate) fn codec(&self) -> events_core::codec::Limits {
        events_core::codec::Limits {
            event_bytes: self.max_event,
            batch_events: self.max_batch,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_body: MIB,
            max_batch: 1000,
            max_event: MIB / 4,
            max_header_bytes: MIB / 64,
            max_connections: 512,
            max_in_flight: 256,
            max_buffered: 64 * MIB,
            max_histories: 16,
            sse_max_clients: 64,
            sse_buffer: 1024,
            sse_buffer_bytes: 4 * MIB,
            sse_patience: Duration::from_secs(5),
            sse_heartbeat: Duration::from_secs(15),
            header_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            body_timeout: Duration::from_secs(30),
            answer_timeout: Duration::from_secs(30),
            shutdown_grace: Duration::from_secs(20),
        }
    }
}

const MIB: usize = 1024 * 1024;
