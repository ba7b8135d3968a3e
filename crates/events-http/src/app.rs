use std::sync::Arc;

use tokio::sync::{Semaphore, watch};

use crate::hosts::Hosts;
use crate::in_flight::InFlight;
use crate::tail::Clients;
use crate::{Keyring, Limits, Ports};

/// What every request of a server shares.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) ports: Ports,
    pub(crate) limits: Limits,
    pub(crate) keyring: Keyring,
    pub(crate) hosts: Hosts,
    pub(crate) in_flight: InFlight,
    /// The turns to read history.
    pub(crate) histories: Arc<Semaphore>,
    /// Those who watch.
    pub(crate) clients: Clients,
    /// Whether the server is about to stop, so that answers without end come to one.
    pub(crate) stopping: watch::Sender<bool>,
    /// The one turn to redrive.
    pub(crate) redriving: Arc<Semaphore>,
}
