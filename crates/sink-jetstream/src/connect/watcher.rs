use std::sync::{Arc, Mutex, PoisonError};

use async_nats::{ClientError, Event, ReconnectToServer, ServerError};
use tokio::sync::{oneshot, watch};

use super::client_cell::ClientCell;
use super::login::Login;
use super::route::Route;
use super::server_url::plain;
use super::state::{ConnectionState, Failure, FailureClass, Server, Violation};
use super::tls::TlsMode;

/// Follows a client through its callbacks and keeps the connection's state.
#[derive(Debug)]
pub(super) struct Watcher {
    state: Arc<watch::Sender<ConnectionState>>,
    /// Dropped together with the watcher.
    over: Option<oneshot::Sender<()>>,
    route: Mutex<Route>,
    login: Login,
    tls: TlsMode,
    client: Arc<ClientCell>,
}

impl Watcher {
    pub(super) fn new(
        route: Route,
        login: Login,
        tls: TlsMode,
        client: Arc<ClientCell>,
    ) -> (Self, watch::Receiver<ConnectionState>) {
        let (state, receiver) = watch::channel(ConnectionState::default());
        let watcher = Self {
            state: Arc::new(state),
            over: None,
            route: Mutex::new(route),
            login,
            tls,
            client,
        };
        (watcher, receiver)
    }

    /// Waits until nobody looks at the state any more, or nobody keeps it.
    pub(super) fn unwatched(&mut self) -> impl Future<Output = ()> + Send + use<> {
        let state = Arc::clone(&self.state);
        let (over, is_over) = oneshot::channel();
        self.over = Some(over);
        async move {
            tokio::select! {
                () = state.closed() => {}
                _ = is_over => {}
            }
        }
    }

    /// Before every attempt: notes why the last one failed, and decides on the next.
    pub(super) fn on_attempt(&self, pool: &[async_nats::Server]) -> Option<ReconnectToServer> {
        let mut route = self.route.lock().unwrap_or_else(PoisonError::into_inner);
        let last = route.last();
        let reason = pool
            .iter()
            .find(|server| Some(&server.addr) == last)
            .and_then(|server| server.last_error.as_deref());
        let failure = reason.map(|reason| self.explained(Failure::of_attempt(reason)));
        self.state.send_if_modified(|state| {
            let changed = state.connected || (failure.is_some() && state.last_error != failure);
            state.connected = false;
            if failure.is_some() {
                state.last_error = failure;
            }
            changed
        });
        let refused = self
            .state
            .borrow()
            .last_error
            .as_ref()
            .is_some_and(|last| matches!(last.class, FailureClass::Auth | FailureClass::Tls));
        route.next(pool, refused, fastrand::f64())
    }

    pub(super) async fn on_event(&self, event: Event) {
        match event {
            Event::Connected => self.on_connected().await,
            Event::Disconnected => self.on_lost(),
            Event::LameDuckMode => self.state.send_modify(|state| state.lame_duck = true),
            Event::ServerError(ServerError::Other(text)) => self.on_refusal(&text),
            Event::ServerError(ServerError::AuthorizationViolation) => {
                self.fail(Failure::of_attempt("authorization violation"));
            }
            Event::ServerError(ServerError::SlowConsumer(_)) | Event::SlowConsumer(_) => {
                let words = "a subscription was read too slowly and lost messages";
                self.fail(Failure::new(FailureClass::Other, words));
            }
            Event::ClientError(ClientError::Other(text)) if text == "DNS error" => {
                self.fail(Failure::new(FailureClass::Other, self.unknown_host()));
            }
            Event::ClientError(ClientError::MaxReconnects) | Event::Closed => self.close(),
            // What went wrong in an attempt is told in full before the next one.
            Event::ClientError(ClientError::Other(_) | ClientError::ServerNotInPool)
            | Event::Draining => {}
        }
    }

    async fn on_connected(&self) {
        let greeting = self.client.greeting().await;
        let url = self.last_url();
        self.state.send_modify(|state| {
            let before = std::mem::take(state);
            let connects = greeting.as_ref().map_or(0, |greeting| greeting.connects);
            *state = ConnectionState {
                connected: true,
                generation: connects.max(before.generation.saturating_add(1)),
                max_payload: greeting.as_ref().map(|greeting| greeting.info.max_payload),
                server: greeting.map(|greeting| Server::new(greeting.info, url)),
                ..ConnectionState::default()
            };
        });
    }

    fn on_lost(&self) {
        self.state.send_modify(|state| {
            state.connected = false;
            // What the server said last is why, unless it is what happens to a connection that
            // goes on.
            let why = state.last_error.take();
            let why = why.filter(|failure| failure.class != FailureClass::Permissions);
            let lost = || Failure::new(FailureClass::Other, "the connection was lost");
            state.last_error = Some(why.unwrap_or_else(lost));
        });
    }

    fn on_refusal(&self, text: &str) {
        if let Some(violation) = Violation::parse(text) {
            self.state.send_modify(|state| state.refuse(violation));
        }
        self.fail(Failure::of_server(text));
    }

    fn fail(&self, failure: Failure) {
        let failure = self.explained(failure);
        self.state
            .send_modify(|state| state.last_error = Some(failure));
    }

    /// The failure with what is known on this side and explains it.
    fn explained(&self, failure: Failure) -> Failure {
        let Failure { class, words } = failure;
        let words = match class {
            FailureClass::Auth => match self.login.doubt() {
                Some(doubt) => format!("{words} (with {}; {doubt})", self.login.auth()),
                None => format!("{words} (with {})", self.login.auth()),
            },
            FailureClass::Tls if self.tls == TlsMode::Never => {
                "the server requires TLS, which is turned off".to_owned()
            }
            FailureClass::Tls | FailureClass::Permissions | FailureClass::Other => words,
        };
        Failure { class, words }
    }

    fn unknown_host(&self) -> String {
        format!("the address of {} cannot be found", self.last_url())
    }

    fn last_url(&self) -> String {
        let route = self.route.lock().unwrap_or_else(PoisonError::into_inner);
        route.last().map(plain).unwrap_or_default()
    }

    fn close(&self) {
        self.state.send_modify(|state| {
            state.connected = false;
            state.closed = true;
        });
    }
}

impl Drop for Watcher {
    /// Whatever ends the client's tasks drops its callbacks, a panic on what a broken server sent
    /// included.
    fn drop(&mut self) {
        self.state.send_if_modified(|state| {
            if state.closed {
                return false;
            }
            let words = "the client broke down over what the server sent";
            *state = ConnectionState {
                connected: false,
                closed: true,
                last_error: Some(Failure::new(FailureClass::Other, words)),
                ..std::mem::take(state)
            };
            true
        });
    }
}
