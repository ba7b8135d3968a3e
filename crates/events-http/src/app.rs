use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::hosts::Hosts;
use crate::in_flight::InFlight;
use crate::{Limits, Ports, Token};

/// What every request of a server shares.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) ports: Ports,
    pub(crate) limits: Limits,
    pub(crate) token: Option<Token>,
    pub(crate) hosts: Hosts,
    pub(crate) in_flight: InFlight,
    /// The one turn to redrive.
    pub(crate) redriving: Arc<Semaphore>,
}
