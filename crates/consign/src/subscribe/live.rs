use std::future::ready;

use async_nats::{Message, Subscriber};
use events_core::subject::SubjectPattern;
use events_core::time::now;
use futures::stream::{self, BoxStream, StreamExt as _};
use supervisor::Reached;
use supervisor::exit::{Exit, Failure};

use crate::history::{self, Entry, Item};
use crate::human::safe;

/// What is published from now on. What was missed is a gap, as far as it is known.
pub(super) async fn messages(
    reached: &Reached,
    subjects: &[SubjectPattern],
) -> Result<BoxStream<'static, Result<Entry, Failure>>, Failure> {
    let mut sources: Vec<BoxStream<'static, Result<Entry, Failure>>> = Vec::new();
    for (index, subject) in subjects.iter().enumerate() {
        // What an earlier pattern brings is not shown twice.
        let earlier: Vec<_> = subjects.iter().take(index).cloned().collect();
        let subscribed = reached.client.subscribe(subject.as_str().to_owned()).await;
        let subscriber =
            subscribed.map_err(|error| denied(subject.as_str(), &error.to_string()))?;
        sources.push(items(subscriber, earlier));
    }
    let flushed = reached.client.flush().await;
    flushed.map_err(|error| Failure::new(Exit::Unreachable, "subscribe").because(error))?;
    sources.push(troubles(reached));
    Ok(stream::select_all(sources).boxed())
}

fn items(
    subscriber: Subscriber,
    earlier: Vec<SubjectPattern>,
) -> BoxStream<'static, Result<Entry, Failure>> {
    let fresh = move |message: &Message| {
        let is_seen = earlier
            .iter()
            .any(|pattern| pattern.matches(&message.subject));
        ready(!is_seen)
    };
    subscriber
        .filter(fresh)
        .map(|message| Ok(Entry::Item(item(message))))
        .boxed()
}

fn item(message: Message) -> Item {
    let subject = message.subject.as_str().into();
    let body = streams::history::Body::of_message(message.payload, message.headers.as_ref());
    Item {
        place: None,
        subject: Some(subject),
        stored_at: Some(now()),
        body: match body {
            streams::history::Body::Event(event) => event.into(),
            streams::history::Body::Other(bytes) => history::Body::Other(bytes),
        },
    }
}

/// What goes wrong with the connection.
fn troubles(reached: &Reached) -> BoxStream<'static, Result<Entry, Failure>> {
    let told = reached.changes().filter_map(|(was_connected, now)| {
        if let Some(violation) = now.violations.last() {
            let failure = denied(&safe(&violation.subject), "the login may not");
            return ready(Some(Err(failure)));
        }
        let words = now.last_error.as_ref().map(|error| safe(&error.words));
        let words = words.unwrap_or_default();
        let said = match (was_connected, now.connected) {
            (true, false) => format!("what is published while there is no connection ({words})"),
            (true, true) if now.last_error.is_some() => format!("something, since {words},"),
            (false, true) => BACK.to_owned(),
            (true, true) | (false, false) => return ready(None),
        };
        ready(Some(Ok(Entry::Gap(said))))
    });
    told.boxed()
}

fn denied(subject: &str, why: &str) -> Failure {
    Failure::new(Exit::Failed, format!("subscribe to {subject:?}"))
        .because(why.to_owned())
        .try_next("another --user, --creds or --nkey, or a permission for this one")
}

const BACK: &str = "the connection is back; what was published meanwhile";
