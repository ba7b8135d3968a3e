use async_nats::HeaderMap;
use bytes::Bytes;
use clap::Args;
use events_core::codec::structured;
use events_core::is_ours;
use events_core::subject::Subject;
use supervisor::exit::{Exit, Failure};

use super::print::Printer;
use crate::broker::BrokerArguments;
use crate::client::{Address, Client};
use crate::history::{Body, Item, Sealed};
use crate::human::{counted, size};
use crate::output::Output;
use crate::send::{Chain, Fate, Message, Tally, Window};
use crate::template::Template;

/// Where events go once more.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Where to")]
pub(crate) struct To {
    /// Publish them again, byte for byte and with their Nats-Msg-Id, to this subject; or hand them
    /// to the supervisor at this URL, whose chain seals them anew. A stream keeps what it has
    /// already once, within its duplicate window [default: print them].
    #[arg(long, value_name = "SUBJECT|URL")]
    to: Option<String>,
    /// Say what would be handed over, and hand over nothing.
    #[arg(long, requires = "to")]
    dry_run: bool,
}

/// What is done with each item.
pub(super) enum Aim {
    Nowhere,
    Print(Box<Printer>),
    Count {
        to: String,
        events: u64,
        bytes: u64,
        others: u64,
    },
    Subject {
        to: String,
        window: Box<Window<String>>,
        tally: Tally,
    },
    Url {
        chain: Box<Chain<String>>,
        tally: Tally,
    },
}

impl To {
    pub(super) const fn is_given(&self) -> bool {
        self.to.is_some()
    }

    pub(super) async fn open(
        &self,
        broker: &BrokerArguments,
        template: Option<Template>,
        output: &Output,
    ) -> Result<Aim, Failure> {
        let Some(to) = self.to.clone() else {
            let printer = Printer::new(output, template);
            return Ok(Aim::Print(Box::new(printer)));
        };
        let is_url = to.contains("://");
        if !is_url {
            to.parse::<Subject>().map_err(|error| {
                Failure::new(Exit::Usage, "understand --to")
                    .because(error)
                    .try_next("--to a.subject.without.wildcards, or --to http://127.0.0.1:8080")
            })?;
        }
        let tally = Tally::default();
        if self.dry_run {
            let (events, bytes, others) = (0, 0, 0);
            return Ok(Aim::Count {
                to,
                events,
                bytes,
                others,
            });
        }
        if is_url {
            let client = Client::new(&Address::at(Some(to)))?;
            let chain = Box::new(Chain::new(client));
            return Ok(Aim::Url { chain, tally });
        }
        let window = Box::new(Window::new(broker.reach().await?));
        Ok(Aim::Subject { to, window, tally })
    }
}

impl Aim {
    /// Deals with an item. False where nothing more can be done.
    pub(super) async fn take(&mut self, item: Item, output: &mut Output) -> Result<bool, Failure> {
        let name = item
            .place
            .as_ref()
            .map_or_else(|| "?".to_owned(), ToString::to_string);
        match self {
            Self::Nowhere => Ok(false),
            Self::Print(printer) => Ok(printer.take(&item).await),
            Self::Count {
                events,
                bytes,
                others,
                ..
            } => {
                match &item.body {
                    Body::Event(sealed) => {
                        *events += 1;
                        *bytes += sealed.event.bytes().len() as u64;
                    }
                    Body::Other(_) => *others += 1,
                }
                Ok(true)
            }
            Self::Subject { to, window, tally } => {
                let Some(message) = message(item, to) else {
                    tally.refused += 1;
                    output.note(&format!("{name} is no event, and stays where it is"));
                    return Ok(true);
                };
                for (name, answer) in window.publish(name, message).await {
                    settle(&name, answer, tally, output)?;
                }
                Ok(true)
            }
            Self::Url { chain, tally } => {
                let Some(text) = unsealed(&item) else {
                    tally.refused += 1;
                    output.note(&format!("{name} is no event, and stays where it is"));
                    return Ok(true);
                };
                for (name, fate) in chain.hand_over(name, &text).await? {
                    decide(&name, fate, tally, output);
                }
                Ok(true)
            }
        }
    }

    /// How many did not get there.
    pub(super) async fn finish(&mut self, output: &mut Output) -> Result<u64, Failure> {
        match self {
            Self::Nowhere => Ok(0),
            Self::Print(printer) => printer.finish(output).await,
            Self::Count {
                to,
                events,
                bytes,
                others,
            } => {
                let what = format!("{}, {}", counted(*events, "event"), size(*bytes));
                output.line(&format!("would hand over {what} to {to}"))?;
                if *others > 0 {
                    output.line(&format!(
                        "and leave {}, no events",
                        counted(*others, "message")
                    ))?;
                }
                Ok(0)
            }
            Self::Subject { window, tally, .. } => {
                for (name, answer) in window.finish().await {
                    settle(&name, answer, tally, output)?;
                }
                output.line(&tally.in_words())?;
                Ok(tally.refused)
            }
            Self::Url { chain, tally } => {
                for (name, fate) in chain.finish().await? {
                    decide(&name, fate, tally, output);
                }
                output.line(&tally.in_words())?;
                Ok(tally.refused)
            }
        }
    }
}

/// The same message for another subject. What the stream would take as orders stays behind.
fn message(item: Item, to: &str) -> Option<Message> {
    let Body::Event(Sealed { event, message }) = item.body else {
        return None;
    };
    let Some((headers, payload)) = message else {
        return Some(Message::of_event(&event, to));
    };
    let id = event.message_id().to_string();
    Some(copied(&headers, payload, to, &id))
}

fn copied(headers: &HeaderMap, payload: Bytes, to: &str, id: &str) -> Message {
    let mut kept = HeaderMap::new();
    for (name, values) in headers.iter() {
        let text: &str = name.as_ref();
        let is_order = text
            .get(..5)
            .is_some_and(|start| start.eq_ignore_ascii_case("Nats-"));
        if !is_order || text.eq_ignore_ascii_case(MESSAGE_ID) {
            for value in values {
                kept.append(name.clone(), value.clone());
            }
        }
    }
    if kept.get(MESSAGE_ID).is_none() {
        kept.insert(MESSAGE_ID, id);
    }
    Message {
        subject: to.to_owned(),
        headers: kept,
        payload,
    }
}

/// The event without what its chain set: the next one sets its own, and takes no other's.
fn unsealed(item: &Item) -> Option<String> {
    let mut event = item.event()?.to_event().ok()?;
    let own: Vec<String> = event
        .extensions()
        .keys()
        .map(|name| name.as_str().to_owned())
        .filter(|name| is_ours(name))
        .collect();
    let was_sealed = own.iter().any(|name| name == "producerid");
    for name in own {
        event.remove_extension(&name);
    }
    if was_sealed {
        event.remove_extension("dssematerial");
        event.remove_extension("sequence");
    }
    Some(structured::encode(&event))
}

fn settle(
    name: &str,
    answer: Result<async_nats::jetstream::publish::PublishAck, Failure>,
    tally: &mut Tally,
    output: &mut Output,
) -> Result<(), Failure> {
    match answer {
        Ok(ack) if ack.duplicate => tally.duplicates += 1,
        Ok(_) => tally.stored += 1,
        Err(failure) => {
            output.note(&format!(
                "{name} was not published; --after goes on behind one"
            ));
            return Err(failure);
        }
    }
    Ok(())
}

fn decide(name: &str, fate: Fate, tally: &mut Tally, output: &mut Output) {
    match fate {
        Fate::Kept { outcome, .. } if outcome == "spilled" => tally.spilled += 1,
        Fate::Kept { .. } => tally.stored += 1,
        Fate::Refused(why) => {
            tally.refused += 1;
            output.note(&format!("{name} is refused: {why}"));
        }
    }
}

const MESSAGE_ID: &str = "Nats-Msg-Id";
