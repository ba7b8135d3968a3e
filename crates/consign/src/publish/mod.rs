//! Events by hand and from pipes, each acknowledged.

mod draft;
mod guess;
mod input;
mod ledger;
mod message;
mod run;
mod tag;

use std::num::NonZeroU32;

use clap::Args;
use events_core::subject::Subject;
use supervisor::exit::{Exit, Failure};

use crate::broker::BrokerArguments;
use crate::client::block_on;
use crate::output::Output;

#[derive(Args, Debug)]
#[command(
    after_help = "Published straight to the broker, an event is neither redacted nor signed. \
    For events that count,\nhand them to the running supervisor: --through-chain.\n\n\
    A JSON object with a specversion is an event and published as it is; other JSON becomes the \
    data of\na new event.\n\n\
    Examples:\n  consign publish consign.events.acme.run.started '{\"n\":1}' --through-chain\n  \
    consign publish consign.events.acme.run.started @data.json --source /ci\n  \
    consign replay --since 1h -o json --server nats://old:4222 | consign publish -"
)]
pub(crate) struct Arguments {
    /// The subject; or - for events from standard input, each to the subject its type leads to.
    #[arg(value_name = "SUBJECT")]
    subject: String,
    /// JSON, @FILE, or - for events from standard input, one a line.
    #[arg(value_name = "JSON|@FILE|-")]
    data: Option<String>,
    #[command(flatten)]
    attributes: draft::Attributes,
    /// A header of the message; repeat for more.
    #[arg(
        short = 'H',
        long = "header",
        value_name = "NAME:VALUE",
        conflicts_with = "through_chain"
    )]
    headers: Vec<String>,
    /// So many events of the data given here, each with an id of its own.
    #[arg(long, value_name = "N", default_value = "1")]
    count: NonZeroU32,
    /// Attributes in the payload, as JSON; that is what is done by default.
    #[arg(long, conflicts_with = "binary")]
    structured: bool,
    /// Attributes in headers, and the data as the payload.
    #[arg(long, conflicts_with = "through_chain")]
    binary: bool,
    /// The bytes as they are, and no event.
    #[arg(long, conflicts_with_all = ["through_chain", "binary", "structured"])]
    raw: bool,
    /// Hand the events to the running supervisor, which redacts, signs and keeps them, and decides
    /// on the subject.
    #[arg(long)]
    through_chain: bool,
    /// The supervisor for --through-chain [default: where CONSIGN_HTTP_ADDR says].
    #[arg(long, value_name = "URL", requires = "through_chain")]
    url: Option<String>,
}

pub(crate) fn run(
    arguments: &Arguments,
    broker: &BrokerArguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    block_on(run::publish(arguments, broker, output))
}

impl Arguments {
    /// The subject, unless each event is to have its own.
    fn subject(&self) -> Result<Option<Subject>, Failure> {
        if self.reads_events_alone() {
            return Ok(None);
        }
        let subject = self.subject.parse().map_err(|error| {
            Failure::new(Exit::Usage, "understand SUBJECT")
                .because(error)
                .try_next("consign publish a.subject.without.wildcards '{\"n\":1}'")
        })?;
        Ok(Some(subject))
    }

    /// Whether there is nothing but a stream of events on standard input.
    fn reads_events_alone(&self) -> bool {
        self.subject == "-" && self.data.is_none()
    }

    /// Whether each line of standard input is something to publish.
    fn reads_lines(&self) -> bool {
        self.reads_events_alone() || (self.data.as_deref() == Some("-") && !self.raw)
    }

    /// Refuses what cannot go together.
    fn check(&self) -> Result<(), Failure> {
        let (id, count) = (self.attributes.id.is_some(), self.count.get() > 1);
        let (what, next) = match (self.reads_lines(), id, count) {
            (true, _, true) => ("each line is published once", "leave --count out"),
            (true, true, _) => (
                "several lines cannot have one id",
                "leave --id out, or put an id and a specversion into each line",
            ),
            (false, true, true) => (
                "several events cannot have one id",
                "leave --id or --count out",
            ),
            _ => return Ok(()),
        };
        Err(Failure::new(Exit::Usage, what).try_next(next))
    }
}
