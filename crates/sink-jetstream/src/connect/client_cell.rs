use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_nats::{Client, ServerInfo};
use tokio::time::sleep;

/// The client, for its own callbacks to ask. Emptied when nobody needs to know any more, since a
/// client that its callbacks hold would never be closed.
#[derive(Debug, Default)]
pub(super) struct ClientCell(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    client: Option<Client>,
    is_empty: bool,
    /// What told the last connection from others: the server's id and its number for the client.
    identity: Option<(String, u64)>,
}

/// What a new connection is known by.
pub(super) struct Greeting {
    pub(super) info: ServerInfo,
    /// How many connections there were, this one included.
    pub(super) connects: u64,
}

impl ClientCell {
    pub(super) fn fill(&self, client: Client) {
        self.change(|held| held.client = Some(client));
    }

    pub(super) fn empty(&self) {
        self.change(|held| {
            held.client = None;
            held.is_empty = true;
        });
    }

    /// The greeting of the connection that was just made. The client says that it is connected a
    /// moment before it shows the greeting, and may do so before it is here.
    pub(super) async fn greeting(&self) -> Option<Greeting> {
        for _ in 0..LOOKS {
            match self.change(Held::greeting) {
                Look::Found(greeting) => return Some(*greeting),
                Look::Never => return None,
                Look::NotYet => sleep(BETWEEN_LOOKS).await,
            }
        }
        None
    }

    fn change<T>(&self, change: impl FnOnce(&mut Held) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

enum Look {
    Found(Box<Greeting>),
    NotYet,
    Never,
}

impl Held {
    fn greeting(&mut self) -> Look {
        if self.is_empty {
            return Look::Never;
        }
        let Some(client) = &self.client else {
            return Look::NotYet;
        };
        let Some(info) = client.try_server_info() else {
            return Look::NotYet;
        };
        let identity = Some((info.server_id.clone(), info.client_id));
        if self.identity == identity {
            return Look::NotYet;
        }
        self.identity = identity;
        let connects = client.statistics().connects.load(Ordering::Relaxed);
        Look::Found(Box::new(Greeting { info, connects }))
    }
}

const LOOKS: u32 = 100;
const BETWEEN_LOOKS: Duration = Duration::from_millis(1);
