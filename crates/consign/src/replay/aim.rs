use std::fmt;

use async_nats::HeaderMap;
use async_nats::jetstream::publish::PublishAck;
use bytes::Bytes;
use clap::Args;
use events_core::codec::structured;
use events_core::is_ours;
use events_core::subject::Subject;
use serde_json::value::RawValue;
use supervisor::exit::{Exit, Failure};

use super::print::Printer;
use crate::broker::BrokerArguments;
use crate::client::{Address, Client};
use crate::history::{Body, Bookmark, Item, Place, Sealed};
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
    Print(Box<Printer>),
    Count {
        to: String,
        events: u64,
        bytes: u64,
        others: u64,
    },
    Subject {
        to: String,
        window: Box<Window<Tag>>,
        tally: Tally,
    },
    Url {
        chain: Box<Chain<Tag>>,
        tally: Tally,
    },
}

/// Goes with an event that is handed over, and comes back with its answer.
pub(super) struct Tag(Option<Place>);

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
    /// Whether events go somewhere that answers for them.
    pub(super) const fn hands_over(&self) -> bool {
        matches!(self, Self::Subject { .. } | Self::Url { .. })
    }

    /// Deals with an item, or begins to. The bookmark moves behind what is known to be dealt with.
    /// False where nothing more can be done.
    pub(super) async fn take(
        &mut self,
        item: Item,
        bookmark: &mut Bookmark,
        output: &mut Output,
    ) -> Result<bool, Failure> {
        let tag = Tag(item.place.clone());
        match self {
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
                    output.note(&format!("{tag} is no event, and stays where it is"));
                    return Ok(true);
                };
                for (tag, answer) in window.publish(tag, message).await {
                    settle(&tag, answer, tally, bookmark)?;
                }
                Ok(true)
            }
            Self::Url { chain, tally } => {
                let Some(text) = unsealed(&item) else {
                    tally.refused += 1;
                    output.note(&format!("{tag} is no event, and stays where it is"));
                    return Ok(true);
                };
                for (tag, fate) in chain.hand_over(tag, &text).await? {
                    decide(&tag, fate, tally, bookmark, output);
                }
                Ok(true)
            }
        }
    }

    /// Waits until everything is dealt with. How many items did not get there.
    pub(super) async fn finish(
        &mut self,
        bookmark: &mut Bookmark,
        output: &mut Output,
    ) -> Result<u64, Failure> {
        match self {
            Self::Print(printer) => printer.finish(output).await,
            Self::Count { others, .. } => Ok(*others),
            Self::Subject { window, tally, .. } => {
                for (tag, answer) in window.finish().await {
                    settle(&tag, answer, tally, bookmark)?;
                }
                Ok(tally.refused)
            }
            Self::Url { chain, tally } => {
                for (tag, fate) in chain.finish().await? {
                    decide(&tag, fate, tally, bookmark, output);
                }
                Ok(tally.refused)
            }
        }
    }

    /// Says what is known to have become of the events, at the end or where it broke off.
    pub(super) fn report(&self, output: &mut Output) -> Result<(), Failure> {
        match self {
            Self::Print(_) => Ok(()),
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
                Ok(())
            }
            Self::Subject { tally, .. } | Self::Url { tally, .. } if output.is_json() => output
                .json(&Document {
                    kind: "Replay",
                    tally: *tally,
                }),
            Self::Subject { tally, .. } | Self::Url { tally, .. } => output.line(&tally.in_words()),
        }
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(place) => place.fmt(f),
            None => f.write_str("an event"),
        }
    }
}

impl Tag {
    /// What it stands for is dealt with.
    fn done(&self, bookmark: &mut Bookmark) {
        if let Some(place) = &self.0 {
            bookmark.reach(place);
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

/// An acknowledgement, and what it means for the bookmark.
fn settle(
    tag: &Tag,
    answer: Result<PublishAck, Failure>,
    tally: &mut Tally,
    bookmark: &mut Bookmark,
) -> Result<(), Failure> {
    if answer?.duplicate {
        tally.duplicates += 1;
    } else {
        tally.stored += 1;
    }
    tag.done(bookmark);
    Ok(())
}

fn decide(tag: &Tag, fate: Fate, tally: &mut Tally, bookmark: &mut Bookmark, output: &mut Output) {
    match fate {
        Fate::Kept { outcome, .. } if outcome == "spilled" => tally.spilled += 1,
        Fate::Kept { receipt, .. } if is_duplicate(&receipt) => tally.duplicates += 1,
        Fate::Kept { .. } => tally.stored += 1,
        Fate::Refused(why) => {
            tally.refused += 1;
            output.note(&format!("{tag} is refused: {why}"));
        }
    }
    tag.done(bookmark);
}

/// Whether a receipt says that the stream had the event already.
fn is_duplicate(receipt: &RawValue) -> bool {
    #[derive(serde::Deserialize)]
    struct Receipt {
        #[serde(default)]
        duplicate: bool,
    }
    serde_json::from_str::<Receipt>(receipt.get()).is_ok_and(|receipt| receipt.duplicate)
}

/// What came of handing over, for programs.
#[derive(serde::Serialize)]
struct Document {
    kind: &'static str,
    #[serde(flatten)]
    tally: Tally,
}

const MESSAGE_ID: &str = "Nats-Msg-Id";
