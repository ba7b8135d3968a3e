use std::borrow::Cow;
use std::fmt;
use std::str::FromStr as _;
use std::sync::Arc;

use async_nats::client::{PublishErrorKind, SubscribeError};
use async_nats::header::{HeaderMap, HeaderName, HeaderValue};
use async_nats::jetstream;
use async_nats::{Client, Subject};
use async_trait::async_trait;
use futures::StreamExt as _;
use tokio::sync::watch;
use tokio::task::AbortHandle;

use super::mailbox::Mailbox;
use super::questions;
use super::watch::{LinkCell, follow};
use crate::publisher::Header;
use crate::{
    ConnectOptions, Connection, ConnectionState, Link, Message, PendingAck, PublishError,
    Publisher, Stored, StreamFacts,
};

/// A [`Publisher`] over a connection to NATS.
///
/// All acknowledgements come to one inbox. The client's own JetStream publisher is not used: it
/// takes the first answer for the stream's, and keeps what is never answered for ever.
pub struct NatsPublisher {
    client: Client,
    jetstream: jetstream::Context,
    mailbox: Arc<Mailbox>,
    link: Arc<LinkCell>,
    states: watch::Receiver<ConnectionState>,
    /// What the subjects of questions about streams begin with.
    api: String,
    tasks: [AbortHandle; 2],
}

impl NatsPublisher {
    /// A publisher over `connection`, which was made with `options`.
    ///
    /// # Errors
    /// The client takes no more subscriptions.
    ///
    /// # Panics
    /// Outside a Tokio runtime.
    pub async fn new(
        connection: Connection,
        options: &ConnectOptions,
    ) -> Result<Self, SubscribeError> {
        let jetstream = connection.jetstream(options);
        let api = options.jetstream_api();
        let Connection { client, state, .. } = connection;
        let mailbox = Arc::new(Mailbox::new(&client.new_inbox()));
        let mut answers = client.subscribe(mailbox.pattern()).await?;
        let link = Arc::new(LinkCell::new(&state.borrow()));
        let follow = follow(state.clone(), Arc::clone(&link), Arc::clone(&mailbox));
        let sort = {
            let mailbox = Arc::clone(&mailbox);
            async move {
                while let Some(message) = answers.next().await {
                    mailbox.deliver(&message);
                }
            }
        };
        let tasks = [
            tokio::spawn(follow).abort_handle(),
            tokio::spawn(sort).abort_handle(),
        ];
        Ok(Self {
            client,
            jetstream,
            mailbox,
            link,
            states: state,
            api,
            tasks,
        })
    }

    /// The answer to a question, or why there will be none: the connection it was asked on is
    /// gone, or the login may not ask it. The server says the latter beside the answers.
    async fn answer<T>(
        &self,
        about: &str,
        question: impl Future<Output = Result<T, PublishError>>,
    ) -> Result<T, PublishError> {
        let subject = format!("{}.{about}", self.api);
        let mut states = self.states.clone();
        let generation = states.borrow().generation;
        let is_over = |state: &ConnectionState| {
            !state.connected || state.generation != generation || state.refuses_publish(&subject)
        };
        tokio::select! {
            biased;
            over = states.wait_for(is_over) => match over {
                Ok(state) if state.refuses_publish(&subject) => Err(PublishError::Denied),
                Ok(_) | Err(_) => Err(PublishError::Disconnected),
            },
            answer = question => answer,
        }
    }
}

#[async_trait]
impl Publisher for NatsPublisher {
    fn link(&self) -> Link {
        self.link.look()
    }

    async fn publish(&self, message: Message) -> Result<PendingAck, PublishError> {
        let headers = headers(message.headers)?;
        let subject = Subject::from(message.subject.as_str());
        let (reply, pending) = self.mailbox.open(message.subject);
        if !self.link.is_up() {
            // Those who waited have been told already; nobody would tell this one.
            return Err(PublishError::Disconnected);
        }
        let published =
            self.client
                .publish_with_reply_and_headers(subject, reply, headers, message.payload);
        match published.await.map_err(|error| error.kind()) {
            Ok(()) => Ok(pending),
            Err(PublishErrorKind::MaxPayloadExceeded) => Err(PublishError::TooLarge),
            Err(PublishErrorKind::InvalidSubject) => Err(PublishError::BadSubject),
            Err(PublishErrorKind::Send) => Err(PublishError::Disconnected),
        }
    }

    async fn stored(&self, stream: &str, sequence: u64) -> Result<Option<Stored>, PublishError> {
        let about = format!("STREAM.MSG.GET.{stream}");
        let question = questions::stored(&self.jetstream, stream, sequence);
        self.answer(&about, question).await
    }

    async fn stream_of(&self, subject: &str) -> Result<Option<StreamFacts>, PublishError> {
        let question = questions::name_of(&self.jetstream, subject);
        let Some(name) = self.answer("STREAM.NAMES", question).await? else {
            return Ok(None);
        };
        let about = format!("STREAM.INFO.{name}");
        let question = questions::facts(&self.jetstream, name);
        self.answer(&about, question).await
    }
}

impl fmt::Debug for NatsPublisher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NatsPublisher")
            .field("link", &self.link.look())
            .finish_non_exhaustive()
    }
}

impl Drop for NatsPublisher {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// The client's map of headers. Its conversions from text panic where a line breaks.
fn headers(headers: Vec<Header>) -> Result<HeaderMap, PublishError> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let name = match name {
            // Known when this is built, so that there is nothing to copy or check.
            Cow::Borrowed(name) => HeaderName::from_static(name),
            Cow::Owned(name) => {
                HeaderName::from_str(&name).map_err(|_| PublishError::BadSubject)?
            }
        };
        if value.contains(['\r', '\n']) {
            return Err(PublishError::BadSubject);
        }
        map.insert(name, HeaderValue::from(value.into_owned()));
    }
    Ok(map)
}
