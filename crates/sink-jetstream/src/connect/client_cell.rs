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
            let look = self.change(|held| (held.is_empty, held.news()));
            match look {
                (true, _) => return None,
                (false, None) => sleep(BETWEEN_LOOKS).await,
                (false, greeting) => return greeting,
            }
        }
        // A server that has no identity looks the same every time.
        self.change(|held| held.latest())
    }

    fn change<T>(&self, change: impl FnOnce(&mut Held) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Held {
    /// The latest greeting, if it is another than the one before.
    fn news(&mut self) -> Option<Greeting> {
        let greeting = self.latest()?;
        let identity = Some((greeting.info.server_id.clone(), greeting.info.client_id));
        if self.identity == identity {
            return None;
        }
        self.identity = identity;
        Some(greeting)
    }

    fn latest(&self) -> Option<Greeting> {
        let client = self.client.as_ref()?;
        let info = client.try_server_info()?;
        let connects = client.statistics().connects.load(Ordering::Relaxed);
        Some(Greeting { info, connects })
    }
}

const LOOKS: u32 = 100;
const BETWEEN_LOOKS: Duration = Duration::from_millis(1);
