//! What the chain is held against: raw pipelined async-nats.

use std::error::Error;

use async_nats::jetstream::Context;
use async_nats::jetstream::message::PublishMessage;
use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::FuturesOrdered;

use crate::meter::{Meter, Run};

/// Messages of `payload`, each to be published once.
pub(crate) fn bare(payload: &Bytes, events: usize) -> Vec<PublishMessage> {
    let message = || PublishMessage::build().payload(payload.clone());
    std::iter::repeat_with(message).take(events).collect()
}

/// The same with an id each, so that the broker looks for duplicates, as it must for us.
pub(crate) fn with_ids(payload: &Bytes, events: usize, name: &str) -> Vec<PublishMessage> {
    let messages = bare(payload, events).into_iter().enumerate();
    messages
        .map(|(n, message)| message.message_id(format!("{name}-{n:024}")))
        .collect()
}

/// Messages as the chain sends them, in size and headers, made without it: what is left of the
/// difference between the two is the chain's own.
pub(crate) fn alike(bytes: usize, events: usize, name: &str) -> Vec<PublishMessage> {
    let payload = Bytes::from("x".repeat(bytes));
    let messages = with_ids(&payload, events, name).into_iter();
    messages
        .map(|message| message.header("Content-Type", CONTENT_TYPE))
        .collect()
}

/// Publishes with a window of unanswered publishes and every acknowledgement awaited.
pub(crate) async fn publish(
    context: &Context,
    subject: &'static str,
    messages: Vec<PublishMessage>,
    window: usize,
) -> Result<Run, Box<dyn Error>> {
    let events = messages.len();
    let meter = Meter::start()?;
    let mut acks = FuturesOrdered::new();
    for message in messages {
        if acks.len() >= window
            && let Some(ack) = acks.next().await
        {
            ack?;
        }
        let ack = context.send_publish(subject, message).await?;
        acks.push_back(ack.into_future());
    }
    while let Some(ack) = acks.next().await {
        ack?;
    }
    meter.stop(events)
}

const CONTENT_TYPE: &str = "application/cloudevents+json; charset=UTF-8";
