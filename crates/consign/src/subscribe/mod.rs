//! Events as they come, and those that came before.

mod judge;
mod live;
mod newest;
mod run;

use std::num::NonZeroU64;
use std::path::PathBuf;

use clap::Args;
use events_core::subject::SubjectPattern;
use regex::bytes::Regex;
use supervisor::exit::{Exit, Failure};

use crate::broker::BrokerArguments;
use crate::client::block_on;
use crate::history::{Wanted, Where};
use crate::output::Output;
use crate::template::Template;

#[derive(Args, Debug)]
#[command(
    after_help = "What comes is shown as it is published. With --stream or anything that asks \
    for what came before, it is\nread from the streams instead: nothing is missed, and what is gone \
    is told.\n\n\
    Exit codes: 0 --count is reached; 3 so it is, but --verify found what does not hold; 130 \
    interrupted.\n\n\
    Examples:\n  consign subscribe 'consign.events.>' --verify\n  \
    consign sub 'consign.audit.>' --since 1h --grep denied\n  \
    consign sub 'consign.>' --url http://127.0.0.1:8080"
)]
pub(crate) struct Arguments {
    /// Subjects or patterns.
    #[arg(value_name = "SUBJECT", required = true)]
    subjects: Vec<SubjectPattern>,
    #[command(flatten)]
    wanted: Wanted,
    /// Begin with the newest N.
    #[arg(long, value_name = "N", conflicts_with_all = ["since", "all", "new"])]
    last: Option<NonZeroU64>,
    /// Begin with the oldest that is kept.
    #[arg(long, conflicts_with_all = ["since", "new"])]
    all: bool,
    /// Begin with what comes next, read from the streams.
    #[arg(long, conflicts_with = "since")]
    new: bool,
    #[command(flatten)]
    place: Where,
    /// Events alone in whose JSON this regular expression is found.
    #[arg(long, value_name = "REGEX")]
    grep: Option<Regex>,
    /// End after so many.
    #[arg(long, value_name = "N")]
    count: Option<NonZeroU64>,
    /// Events as this says, such as '{time} {type} {data.user}'.
    #[arg(long, value_name = "TEMPLATE", value_parser = Template::parse, conflicts_with = "raw")]
    template: Option<Template>,
    /// Payloads alone, as they are, each on a line.
    #[arg(long)]
    raw: bool,
    /// Say of each event whether its signature holds.
    #[arg(long)]
    verify: bool,
    /// The public keys to accept: a JWKS; repeat for more [default: those in CONSIGN_DATA_DIR].
    #[arg(long, value_name = "FILE", requires = "verify")]
    keys: Vec<PathBuf>,
}

pub(crate) fn run(
    arguments: &Arguments,
    broker: &BrokerArguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    block_on(run::subscribe(arguments, broker, output))
}

impl Arguments {
    /// Whether it is read from what is kept, rather than taken as it is published.
    fn reads_history(&self) -> bool {
        let begins = self.last.is_some() || self.all || self.new || self.wanted.has_since();
        begins || !self.place.streams.is_empty() || self.place.is_elsewhere()
    }

    fn wants_subject(&self, subject: &str) -> bool {
        self.subjects.iter().any(|pattern| pattern.matches(subject))
    }
}
