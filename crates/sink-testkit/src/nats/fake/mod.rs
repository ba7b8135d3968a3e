mod answer;
mod connection;
mod published;
mod state;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use self::connection::{lock, serve};
use self::state::{STREAM, State};
use super::background::Background;

pub use self::answer::Answer;
pub use self::published::Published;

/// Speaks enough NATS for a client to connect and publish, and answers as it is told to.
///
/// It is for what a real server does not do on demand: errors, forged acknowledgements, garbage.
/// It delivers nothing but answers, each to the client that asked. All that was published is kept
/// in memory. It runs on its own thread, by the real clock, until it is dropped.
#[derive(Debug)]
pub struct FakeServer {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    closes: watch::Sender<u64>,
    _background: Background,
}

impl FakeServer {
    /// The stream that honest acknowledgements name.
    pub const STREAM: &str = STREAM;

    /// Starts one that is honest.
    ///
    /// # Errors
    /// Where there is no port or no thread to have.
    pub fn start() -> io::Result<Self> {
        Self::script([])
    }

    /// Starts one with an answer for each publish that asks for one, in the order in which they
    /// come in; past the last it is honest.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn script(answers: impl IntoIterator<Item = Answer>) -> io::Result<Self> {
        let answers: Vec<Answer> = answers.into_iter().collect();
        let mut answers = answers.into_iter();
        Self::answering(move |_| answers.next().unwrap_or(Answer::Store))
    }

    /// Starts one that answers each publish that asks for it as `answer` says.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn answering(
        answer: impl FnMut(&Published) -> Answer + Send + 'static,
    ) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let state = State::new(greeting(address), Box::new(answer));
        let state = Arc::new(Mutex::new(state));
        let closes = watch::Sender::new(0);
        let (shared, closing) = (Arc::clone(&state), closes.subscribe());
        let background = Background::spawn(move || accept(listener, shared, closing))?;
        Ok(Self {
            address,
            state,
            closes,
            _background: background,
        })
    }

    /// Where clients connect: `nats://127.0.0.1:<port>`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://{}", self.address)
    }

    /// Answers from now on as `answer` says.
    ///
    /// It must not call the server's own methods, here and in the two places like it.
    pub fn answer(&self, answer: impl FnMut(&Published) -> Answer + Send + 'static) {
        lock(&self.state).answers = Box::new(answer);
    }

    /// Answers requests to `$JS.API.>` from now on as `answer` says. Where it says `None`, and
    /// before, there is no stream and no message.
    pub fn answer_api(&self, answer: impl FnMut(&Published) -> Option<Answer> + Send + 'static) {
        lock(&self.state).api = Box::new(answer);
    }

    /// Says that to clients to come in place of its `INFO` line.
    pub fn greet(&self, greeting: impl Into<Bytes>) {
        lock(&self.state).greeting = greeting.into();
    }

    /// Answers clients to come with that error when they say `CONNECT`, and ends the connection.
    pub fn refuse(&self, error: &str) {
        lock(&self.state).refusal = Some(error.to_owned());
    }

    /// Lets clients in again.
    pub fn admit(&self) {
        lock(&self.state).refusal = None;
    }

    /// Ends all connections. New ones are let in.
    pub fn close_connections(&self) {
        self.closes.send_modify(|closes| *closes += 1);
    }

    /// What was published so far in order of arrival, whatever became of it; requests to
    /// `$JS.API.>` are left out.
    #[must_use]
    pub fn published(&self) -> Vec<Published> {
        lock(&self.state).published.clone()
    }

    /// What was stored so far; the first has sequence 1.
    #[must_use]
    pub fn stored(&self) -> Vec<Published> {
        lock(&self.state).stored.clone()
    }

    /// The JSON each client said `CONNECT` with so far, with the login it has in it.
    #[must_use]
    pub fn connects(&self) -> Vec<String> {
        lock(&self.state).connects.clone()
    }
}

fn greeting(address: SocketAddr) -> Bytes {
    let info = json!({
        "server_id": "FAKE", "server_name": "fake", "version": "2.14.0", "proto": 1,
        "host": "127.0.0.1", "port": address.port(), "headers": true, "client_id": 1,
        "max_payload": 1_048_576, "jetstream": true,
    });
    format!("INFO {info}\r\n").into()
}

async fn accept(
    listener: std::net::TcpListener,
    state: Arc<Mutex<State>>,
    closing: watch::Receiver<u64>,
) {
    let Ok(listener) = TcpListener::from_std(listener) else {
        return;
    };
    loop {
        if let Ok((client, _)) = listener.accept().await {
            tokio::spawn(attend(client, Arc::clone(&state), closing.clone()));
        }
    }
}

async fn attend(client: TcpStream, state: Arc<Mutex<State>>, mut closing: watch::Receiver<u64>) {
    closing.mark_unchanged();
    tokio::select! {
        // How a connection ends is the client's to notice.
        _ = serve(client, &state) => {}
        _ = closing.changed() => {}
    }
}
