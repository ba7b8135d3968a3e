use async_nats::jetstream::Context;
use events_core::subject::Routes;
use futures::stream::{self, BoxStream, StreamExt as _};
use sink_jetstream::{ConnectionState, Server};
use streams::{Policy, Topology};
use tokio::sync::watch;
use tokio::time::timeout;

use super::{options, topology};
use crate::compose;
use crate::exit::{Exit, Failure};
use crate::settings::Settings;

/// A broker that has answered, for tools that look at it and steer it.
#[derive(Clone, Debug)]
pub struct Reached {
    /// The client. It reconnects by itself.
    pub client: async_nats::Client,
    /// JetStream, in the domain that the settings name.
    pub jetstream: Context,
    /// The server that answered.
    pub server: Server,
    /// What is known of the connection, now and from now on.
    pub state: watch::Receiver<ConnectionState>,
    /// The streams that the settings want.
    pub topology: Topology,
    /// What streams are held against.
    pub policy: Policy,
    /// Where events of which type go.
    pub routes: Routes,
}

impl Reached {
    /// How the connection changes from now on: whether there was one before, and what is known of it
    /// then. Of changes that come faster than they are taken, the last is told.
    #[must_use]
    pub fn changes(&self) -> BoxStream<'static, (bool, ConnectionState)> {
        let mut state = self.state.clone();
        let connected = state.borrow_and_update().connected;
        let changes = stream::unfold(
            (state, connected),
            |(mut state, was_connected)| async move {
                state.changed().await.ok()?;
                let now = state.borrow_and_update().clone();
                let is_connected = now.connected;
                Some(((was_connected, now), (state, is_connected)))
            },
        );
        changes.boxed()
    }
}

/// Connects to the broker that the settings name, as the daemon would, and waits for it.
///
/// # Errors
/// [`Exit::Config`] for what can never work, [`Exit::Unreachable`] where nobody answers within the
/// settings' time for connecting, or the login is refused.
pub async fn reach(settings: &Settings) -> Result<Reached, Failure> {
    let routes = compose::routes(settings)?;
    let (topology, policy) = topology::topology(settings, &routes)?;
    let options = options::options(settings)?;
    let connection = sink_jetstream::connect(&options).await.map_err(|error| {
        Failure::new(Exit::Config, "prepare the connection to the broker").because(error)
    })?;
    let mut jetstream = connection.jetstream(&options);
    // Of every answer, not of acknowledgements alone.
    jetstream.set_timeout(settings.nats.ack_timeout);
    let mut state = connection.state;
    // Of several servers another may answer; of one, the first error says it all.
    let alone = options.servers.len() == 1;
    let decided = state.wait_for(|state| state.connected || (alone && state.last_error.is_some()));
    let server = match timeout(settings.nats.connect_timeout, decided).await {
        Ok(Ok(state)) if state.connected => state.server.clone(),
        _ => None,
    };
    let Some(server) = server else {
        let servers: Vec<_> = options.servers.iter().map(ToString::to_string).collect();
        let servers = servers.join(", ");
        let next =
            format!("look at the server at {servers}, or name one that runs with --server URL");
        return Err(
            Failure::new(Exit::Unreachable, format!("reach a broker at {servers}"))
                .because(trouble(&state.borrow()))
                .try_next(next),
        );
    };
    Ok(Reached {
        client: connection.client,
        jetstream,
        server,
        state,
        topology,
        policy,
        routes,
    })
}

fn trouble(state: &ConnectionState) -> String {
    let known = state.last_error.as_ref().map(ToString::to_string);
    known.unwrap_or_else(|| "no answer in time".to_owned())
}
