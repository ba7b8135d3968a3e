use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::mailbox::Mailbox;
use crate::connect::{ConnectionState, FailureClass};
use crate::{Link, LinkState};

/// The connection as it was told last, ready to be looked at often.
#[derive(Debug)]
pub(super) struct LinkCell(Mutex<Link>);

impl LinkCell {
    pub(super) fn new(state: &ConnectionState) -> Self {
        Self(Mutex::new(link(state)))
    }

    pub(super) fn look(&self) -> Link {
        self.lock().clone()
    }

    pub(super) fn is_up(&self) -> bool {
        self.lock().is_up()
    }

    fn set(&self, link: Link) {
        *self.lock() = link;
    }

    fn lock(&self) -> MutexGuard<'_, Link> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Follows the connection: tells those who wait for acknowledgements when there will be none.
pub(super) async fn follow(
    mut states: watch::Receiver<ConnectionState>,
    cell: Arc<LinkCell>,
    mailbox: Arc<Mailbox>,
) {
    let mut generation = cell.look().generation;
    while states.changed().await.is_ok() {
        let state = states.borrow_and_update().clone();
        cell.set(link(&state));
        if !state.connected || state.generation != generation {
            generation = state.generation;
            mailbox.disconnect();
        }
        if !state.violations.is_empty() {
            mailbox.deny(|subject| state.refuses_publish(subject));
        }
    }
}

fn link(state: &ConnectionState) -> Link {
    let server = state.server.as_ref();
    Link {
        state: link_state(state),
        generation: state.generation,
        max_payload: state.max_payload,
        server: server.map(|server| server.url.as_str().into()),
        version: server.map(|server| server.version.as_str().into()),
    }
}

fn link_state(state: &ConnectionState) -> LinkState {
    if state.connected {
        return LinkState::Up;
    }
    let Some(failure) = &state.last_error else {
        let reason = if state.closed {
            "the client is closed"
        } else {
            "not connected yet"
        };
        return LinkState::Down {
            reason: reason.into(),
        };
    };
    let reason = failure.words.as_str().into();
    match failure.class {
        FailureClass::Auth | FailureClass::Tls => LinkState::Refused { reason },
        // What a login may not do was told while there was a connection: it is not why there is
        // none.
        FailureClass::Permissions | FailureClass::Other => LinkState::Down { reason },
    }
}
