use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::{self, Context};
use tokio::sync::watch;
use tokio::task;
use tokio_rustls::rustls::ClientConfig;

use super::auth::Auth;
use super::client_cell::ClientCell;
use super::error::ConnectError;
use super::login::Login;
use super::options::ConnectOptions;
use super::route::Route;
use super::state::ConnectionState;
use super::tls::TlsMode;
use super::watcher::Watcher;
use crate::Backoff;

/// A client, and what is known of its connection.
///
/// The connection ends when the last clone of the client and the last one of the state are gone;
/// without a connection, the attempts at one end with the next that succeeds.
#[derive(Debug)]
pub struct Connection {
    /// The client. It reconnects by itself.
    pub client: async_nats::Client,
    /// What is known of its connection, now and from now on.
    pub state: watch::Receiver<ConnectionState>,
}

impl Connection {
    /// JetStream over this connection, in the domain or below the prefix of `options`, with which
    /// it was made.
    #[must_use]
    pub fn jetstream(&self, options: &ConnectOptions) -> Context {
        jetstream::with_prefix(self.client.clone(), &options.jetstream_api())
    }
}

/// Prepares a connection and starts to make it.
///
/// Returns without waiting for the broker: the first attempt and every later one happen in the
/// background, each after a wait whose bound doubles with every failure and which is anything
/// between nothing and that bound. That the broker is away, its certificate wrong or the login
/// refused is no error here, since each may pass: the state says why, in words. Files with
/// credentials are read again for every attempt, those of the client's certificate included; the
/// certificates that are trusted are read here, once.
///
/// # Errors
/// What can never work: files that cannot be read or used, options that contradict each other.
///
/// # Panics
/// Outside a Tokio runtime with I/O and time enabled.
pub async fn connect(options: &ConnectOptions) -> Result<Connection, ConnectError> {
    check_subjects(options)?;
    let auth = login(options)?;
    let (login, config) = on_files(options.clone(), auth).await?;
    let backoff = Backoff {
        base: options.reconnect_wait,
        max: options.reconnect_max_wait,
    };
    let cell = Arc::new(ClientCell::default());
    let (mut watcher, state) = Watcher::new(
        Route::new(backoff),
        login.clone(),
        options.tls.mode,
        Arc::clone(&cell),
    );
    let unwatched = watcher.unwatched();
    let client_options = client_options(options, login, config, watcher);
    let addresses: Vec<_> = options
        .servers
        .iter()
        .map(|url| url.address().clone())
        .collect();
    let client = client_options
        .connect(addresses)
        .await
        .map_err(|_| ConnectError::NoServer)?;
    cell.fill(client.clone());
    task::spawn(async move {
        unwatched.await;
        cell.empty();
    });
    Ok(Connection { client, state })
}

/// Refuses what would be no subject, or another, once the client builds on it.
fn check_subjects(options: &ConnectOptions) -> Result<(), ConnectError> {
    for (what, given) in [
        ("the inbox prefix", &options.inbox_prefix),
        ("the JetStream API's prefix", &options.api_prefix),
        ("the JetStream domain", &options.domain),
    ] {
        let is_token = |token: &str| {
            let breaks = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '*' | '>');
            !token.is_empty() && !token.contains(breaks)
        };
        if given
            .as_deref()
            .is_some_and(|given| !given.split('.').all(is_token))
        {
            return Err(ConnectError::Subject { what });
        }
    }
    Ok(())
}

/// The one login that the options and the URLs give.
fn login(options: &ConnectOptions) -> Result<Auth, ConnectError> {
    if options.servers.is_empty() {
        return Err(ConnectError::NoServer);
    }
    let in_urls = options.servers.iter().map(|url| url.login());
    let mut found = &options.auth;
    for login in in_urls.filter(|login| !login.is_none()) {
        if found.is_none() {
            found = login;
        } else if !found.is_same_as(login) {
            return Err(ConnectError::TwoLogins {
                one: found.clone(),
                other: login.clone(),
            });
        }
    }
    Ok(found.clone())
}

/// What files hold, read where waiting for a disk holds up nobody.
async fn on_files(
    options: ConnectOptions,
    auth: Auth,
) -> Result<(Login, ClientConfig), ConnectError> {
    let read = task::spawn_blocking(move || {
        let login = Login::new(auth);
        login.check()?;
        Ok((login, options.tls.config(options.asks_for_tls())?))
    });
    read.await.map_err(|_| ConnectError::Interrupted)?
}

fn client_options(
    options: &ConnectOptions,
    login: Login,
    config: ClientConfig,
    watcher: Watcher,
) -> async_nats::ConnectOptions {
    let watcher = Arc::new(watcher);
    let router = Arc::clone(&watcher);
    let attempts = options.max_reconnects.map(|most| most.max(1) as usize);
    let ours =
        async_nats::ConnectOptions::with_auth_callback(move |nonce| login.clone().answer(nonce))
            .event_callback(move |event| {
                let watcher = Arc::clone(&watcher);
                async move { watcher.on_event(event).await }
            })
            .reconnect_to_server_callback(move |pool, _| {
                let router = Arc::clone(&router);
                async move { router.on_attempt(&pool) }
            })
            .name(&options.name)
            .connection_timeout(options.connect_timeout)
            .ping_interval(options.ping_interval.clamp(SHORTEST, LONGEST))
            .max_reconnects(attempts)
            .retry_on_initial_connect()
            .tls_client_config(config)
            .require_tls(options.tls.is_required(options.asks_for_tls()));
    let ours = match &options.inbox_prefix {
        Some(prefix) => ours.custom_inbox_prefix(prefix),
        None => ours,
    };
    match options.tls.mode {
        TlsMode::First => ours.tls_first(),
        TlsMode::Auto | TlsMode::Required | TlsMode::Never => ours,
    }
}

/// The client panics on ping intervals of nothing at all and of as good as for ever.
const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_no_subject_is_refused() {
        let base = ConnectOptions::new(vec!["nats://127.0.0.1:1".parse().unwrap()]);
        for prefix in ["", ".", "a.", "a b", "a\r\nPUB b 0", "a.*", ">"] {
            let given = Some(prefix.to_owned());
            for wrong in [
                ConnectOptions {
                    inbox_prefix: given.clone(),
                    ..base.clone()
                },
                ConnectOptions {
                    api_prefix: given.clone(),
                    ..base.clone()
                },
                ConnectOptions {
                    domain: given.clone(),
                    ..base.clone()
                },
            ] {
                let error = connect(&wrong).await.unwrap_err();
                assert!(
                    matches!(error, ConnectError::Subject { .. }),
                    "{prefix:?}: {error}"
                );
            }
        }
        let api_prefix = Some("$JS.hub.API".to_owned());
        assert!(
            connect(&ConnectOptions { api_prefix, ..base })
                .await
                .is_ok()
        );
    }

    #[tokio::test]
    async fn options_without_a_server_are_refused() {
        let error = connect(&ConnectOptions::default()).await.unwrap_err();
        assert!(matches!(error, ConnectError::NoServer), "{error}");
    }
}
