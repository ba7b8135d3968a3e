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
        let is_lost = !state.connected || state.generation != generation;
        generation = state.generation;
        // Nobody may wait for an answer of the connection that was lost, and nobody who goes out
        // on the new one may be told that it was.
        if is_lost && state.connected {
            mailbox.disconnect();
        }
        cell.set(link(&state));
        if !state.connected {
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

#[cfg(test)]
mod tests {
    use std::sync::{Arc, mpsc};
    use std::thread;
    use std::time::Duration;

    use tokio::sync::watch;

    use super::{LinkCell, follow};
    use crate::PendingAck;
    use crate::connect::ConnectionState;
    use crate::nats::mailbox::Mailbox;

    struct Followed {
        tell: watch::Sender<ConnectionState>,
        cell: Arc<LinkCell>,
        mailbox: Arc<Mailbox>,
    }

    impl Followed {
        fn new() -> Self {
            let (tell, states) = watch::channel(up(1));
            let cell = Arc::new(LinkCell::new(&up(1)));
            let mailbox = Arc::new(Mailbox::new("_INBOX.test"));
            tokio::spawn(follow(states, Arc::clone(&cell), Arc::clone(&mailbox)));
            Self {
                tell,
                cell,
                mailbox,
            }
        }

        fn open(&self) -> PendingAck {
            self.mailbox.open("a.b".parse().unwrap()).1
        }

        /// Keeps the mailbox as it is until the sender is dropped.
        fn hold(&self) -> mpsc::Sender<()> {
            let (held, is_held) = mpsc::channel();
            let (release, released) = mpsc::channel();
            let mailbox = Arc::clone(&self.mailbox);
            thread::spawn(move || {
                mailbox.deny(|_| {
                    held.send(()).unwrap();
                    released.recv().is_ok()
                });
            });
            is_held.recv().unwrap();
            release
        }
    }

    fn up(generation: u64) -> ConnectionState {
        ConnectionState {
            connected: true,
            generation,
            ..ConnectionState::default()
        }
    }

    /// Whoever sees it goes out on it, and is not to be told that the old one was lost.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_new_connection_is_seen_once_those_on_the_old_one_are_told() {
        let followed = Followed::new();
        let mut old = followed.open();
        let release = followed.hold();
        followed.tell.send_replace(up(2));
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(followed.cell.look().generation, 1);
        drop(release);
        assert!(old.next().await.is_err());
        while followed.cell.look().generation != 2 {
            tokio::task::yield_now().await;
        }
    }

    /// Nobody may go out any more by the time that those who wait are told.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_lost_connection_is_seen_before_those_on_it_are_told() {
        let followed = Followed::new();
        let mut old = followed.open();
        let release = followed.hold();
        followed.tell.send_replace(ConnectionState::default());
        while followed.cell.is_up() {
            tokio::task::yield_now().await;
        }
        drop(release);
        assert!(old.next().await.is_err());
    }
}
