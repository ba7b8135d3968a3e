use std::sync::Arc;

use futures::StreamExt as _;
use futures::stream::select_all;
use supervisor::Reached;
use supervisor::exit::{Exit, Failure};

use super::leg::{Eye, Leg};
use super::mint::Mint;
use super::sighting::Attributes;
use crate::human::safe;

/// Watches the subjects of the run, as any subscriber would.
///
/// Not through a consumer of the stream: that would ask again for what was lost on the way, and
/// see none of what the broker hands on twice.
pub(super) async fn begin(
    broker: Reached,
    subject: Option<&str>,
    mint: &Arc<Mint>,
    eye: &Arc<Eye>,
) -> Result<Leg, Failure> {
    let subjects = match subject {
        Some(subject) => vec![subject.to_owned()],
        None => subjects(&broker, mint)?,
    };
    let place = subjects.join(", ");
    let failed = || Failure::new(Exit::Failed, format!("subscribe to {}", safe(&place)));
    let mut subscribers = Vec::new();
    for subject in subjects {
        let subscribed = broker.client.subscribe(subject).await;
        subscribers.push(subscribed.map_err(|error| failed().because(error))?);
    }
    let flushed = broker.client.flush().await;
    flushed.map_err(|error| failed().because(error))?;
    let (mint, seeing) = (Arc::clone(mint), Arc::clone(eye));
    Ok(Leg::begin("nats", place, eye, async move {
        let mut messages = select_all(subscribers);
        while let Some(message) = messages.next().await {
            let attributes = Attributes::of_message(&message);
            if let Some(sighting) = attributes.and_then(|attributes| mint.knows(attributes)) {
                seeing.see(sighting);
            }
        }
        // The client ends its connection with its last handle.
        drop(broker);
    }))
}

/// The subjects of the run's events and of those that go ahead.
fn subjects(broker: &Reached, mint: &Mint) -> Result<Vec<String>, Failure> {
    let failed =
        || Failure::new(Exit::Usage, "find the events' subject").try_next("another --type");
    let samples = mint.samples().map_err(|error| failed().because(error))?;
    let subject = |event| {
        broker
            .routes
            .resolve(event)
            .map(|(_, subject)| subject.to_string())
    };
    let subjects: Result<_, _> = samples.iter().map(subject).collect();
    subjects.map_err(|violations| failed().because(violations))
}
