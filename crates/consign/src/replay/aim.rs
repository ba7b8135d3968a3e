use std::io::{self, IsTerminal as _};

use clap::Args;
use events_core::subject::Subject;
use serde_json::json;
use supervisor::exit::{Exit, Failure};

use super::again::{message, unsealed};
use super::print::Printer;
use super::settle::{Tag, acknowledged, decided, settle};
use crate::broker::BrokerArguments;
use crate::client::{Address, Client};
use crate::history::{Body, Bookmark, Item};
use crate::human::{counted, size};
use crate::output::Output;
use crate::send::{Chain, Tally, Window};
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

    /// Whether what it does with each item is to be seen on a terminal.
    pub(super) fn is_seen(&self) -> bool {
        matches!(self, Self::Print(_)) && io::stdout().is_terminal()
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
                let answers = window.publish(tag, message).await;
                let settled = settle(answers, acknowledged, tally, bookmark);
                if settled.is_err() {
                    // What is on its way is counted, and the bookmark stays.
                    let rest = window.finish().await;
                    let _told_already = settle(rest, acknowledged, tally, &mut bookmark.clone());
                }
                settled.map(|()| true)
            }
            Self::Url { chain, tally } => {
                let Some(text) = unsealed(&item) else {
                    tally.refused += 1;
                    output.note(&format!("{tag} is no event, and stays where it is"));
                    return Ok(true);
                };
                let answers = chain.hand_over(tag, &text).await;
                settle(answers, decided(output), tally, bookmark).map(|()| true)
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
                let answers = window.finish().await;
                settle(answers, acknowledged, tally, bookmark)?;
                Ok(tally.refused)
            }
            Self::Url { chain, tally } => {
                let answers = chain.finish().await;
                settle(answers, decided(output), tally, bookmark)?;
                Ok(tally.refused)
            }
        }
    }

    /// Counts what was begun and never answered: of so many items, all that is not counted yet.
    pub(super) fn give_up(&mut self, items: u64) {
        if let Self::Subject { tally, .. } | Self::Url { tally, .. } = self {
            tally.unknown += items.saturating_sub(tally.events());
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
            } if output.is_json() => output.json(&json!({
                "kind": "Replay",
                "dry_run": true,
                "to": to,
                "events": events,
                "bytes": bytes,
                "others": others,
            })),
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

/// What came of handing over, for programs.
#[derive(serde::Serialize)]
struct Document {
    kind: &'static str,
    #[serde(flatten)]
    tally: Tally,
}
