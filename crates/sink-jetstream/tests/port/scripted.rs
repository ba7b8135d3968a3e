use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use events_core::subject::Routes;
use events_core::{ErrorKind, Event, EventSinkExt as _, Outcome, Place, SinkError, WireEvent};
use sink_jetstream::{
    Ack, AckSender, Config, JetStreamSink, Link, Message, PendingAck, PublishError, Publisher,
    Storage, Stored, StreamFacts,
};

/// What becomes of a message.
pub(crate) enum Reply {
    Ack(Ack),
    Error(PublishError),
    /// Several answers, one after another.
    Many(Vec<Result<Ack, PublishError>>),
    Silence,
    /// It is not even taken.
    Refused(PublishError),
}

type Script = Box<dyn Fn(&Message) -> Reply + Send + Sync>;

/// A publisher whose every answer is in the test's hand.
pub(crate) struct Scripted {
    pub(crate) link: Mutex<Link>,
    pub(crate) script: Mutex<Script>,
    pub(crate) published: Mutex<Vec<Message>>,
    /// Those that got silence for an answer.
    pub(crate) unanswered: Mutex<Vec<AckSender>>,
    pub(crate) stored: Mutex<Result<Option<Stored>, PublishError>>,
    pub(crate) stream: Mutex<Result<Option<StreamFacts>, PublishError>>,
    /// Whether questions stay unanswered.
    pub(crate) is_mute: AtomicBool,
}

impl Scripted {
    /// One with a stream `EVENTS` that acknowledges everything.
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            link: Mutex::new(Link::up(1)),
            script: Mutex::new(Box::new(|_| acked("EVENTS", 1))),
            published: Mutex::default(),
            unanswered: Mutex::default(),
            stored: Mutex::new(Ok(None)),
            stream: Mutex::new(Ok(Some(facts("EVENTS")))),
            is_mute: AtomicBool::new(false),
        })
    }

    pub(crate) fn answer(&self, script: impl Fn(&Message) -> Reply + Send + Sync + 'static) {
        *self.script.lock().unwrap() = Box::new(script);
    }

    pub(crate) fn set_link(&self, link: Link) {
        *self.link.lock().unwrap() = link;
    }

    pub(crate) fn set_stream(&self, stream: Result<Option<StreamFacts>, PublishError>) {
        *self.stream.lock().unwrap() = stream;
    }

    pub(crate) fn set_stored(&self, stored: Result<Option<Stored>, PublishError>) {
        *self.stored.lock().unwrap() = stored;
    }

    async fn hear_out(&self) {
        if self.is_mute.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.published.lock().unwrap().len()
    }

    pub(crate) fn sink(self: &Arc<Self>) -> JetStreamSink {
        self.sink_with(Config::default())
    }

    pub(crate) fn sink_with(self: &Arc<Self>, config: Config) -> JetStreamSink {
        let publisher: Arc<Self> = Arc::clone(self);
        JetStreamSink::from_publisher(publisher, Arc::new(Routes::default()), config)
    }
}

#[async_trait]
impl Publisher for Scripted {
    fn link(&self) -> Link {
        self.link.lock().unwrap().clone()
    }

    async fn publish(&self, message: Message) -> Result<PendingAck, PublishError> {
        let reply = (self.script.lock().unwrap())(&message);
        self.published.lock().unwrap().push(message);
        let answers = match reply {
            Reply::Refused(error) => return Err(error),
            Reply::Ack(ack) => vec![Ok(ack)],
            Reply::Error(error) => vec![Err(error)],
            Reply::Many(answers) => answers,
            Reply::Silence => Vec::new(),
        };
        let (sender, pending) = PendingAck::channel();
        for answer in answers {
            sender.answer(answer);
        }
        self.unanswered.lock().unwrap().push(sender);
        Ok(pending)
    }

    async fn stored(&self, _stream: &str, _sequence: u64) -> Result<Option<Stored>, PublishError> {
        self.hear_out().await;
        self.stored.lock().unwrap().clone()
    }

    async fn stream_of(&self, _subject: &str) -> Result<Option<StreamFacts>, PublishError> {
        self.hear_out().await;
        self.stream.lock().unwrap().clone()
    }
}

impl std::fmt::Debug for Scripted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scripted")
    }
}

pub(crate) fn facts(name: &str) -> StreamFacts {
    StreamFacts {
        name: name.to_owned(),
        subjects: vec!["consign.>".parse().unwrap()],
        no_ack: false,
        storage: Storage::File,
    }
}

/// What a stream holds once it has `event` with these bytes.
pub(crate) fn held(event: &WireEvent, payload: impl Into<Bytes>) -> Stored {
    Stored {
        message_id: Some(event.message_id().to_string()),
        payload: payload.into(),
    }
}

pub(crate) fn ack(stream: &str, sequence: u64) -> Ack {
    Ack {
        stream: stream.to_owned(),
        sequence,
        duplicate: false,
    }
}

pub(crate) fn acked(stream: &str, sequence: u64) -> Reply {
    Reply::Ack(ack(stream, sequence))
}

pub(crate) fn event(kind: &str, id: &str) -> Event {
    let event = Event::builder(id, "/test", kind).json(r#"{"text":"hello bob"}"#);
    event.build().unwrap()
}

pub(crate) fn sealed(sink: &JetStreamSink, count: usize) -> Vec<WireEvent> {
    let events = (0..count).map(|id| event("demo.happened", &id.to_string()));
    let sealed: Result<_, _> = sink.seal(events.collect()).into_iter().collect();
    sealed.unwrap()
}

pub(crate) fn place(result: Result<Outcome, SinkError>) -> Place {
    result.unwrap().receipt().place().clone()
}

pub(crate) fn assert_refused(result: Result<Outcome, SinkError>, kind: ErrorKind, words: &str) {
    let error = result.unwrap_err();
    let text = format!("{error:?}");
    assert_eq!(error.kind(), kind, "{text}");
    assert!(text.contains(words), "{text}");
}

/// Waits that no test waits for by accident.
pub(crate) fn patient() -> Config {
    Config {
        reconnect_wait: Duration::from_secs(600),
        reconnect_max_wait: Duration::from_secs(600),
        ..Config::default()
    }
}
