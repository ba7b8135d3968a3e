//! What was stored, again: printed, or handed over once more.

mod aim;
mod pace;
mod print;

use std::num::{NonZeroU32, NonZeroUsize};
use std::pin::pin;

use clap::Args;
use events_core::subject::SubjectPattern;
use futures::StreamExt as _;
use supervisor::exit::{Exit, Failure};

use self::aim::Aim;
use self::pace::Pace;
use crate::broker::BrokerArguments;
use crate::client::block_on;
use crate::history::{Begin, Bookmark, Entry, Reading, Span, Wanted, Where};
use crate::human::{count, counted};
use crate::output::Output;
use crate::stop::interrupted;
use crate::template::Template;

#[derive(Args, Debug)]
#[command(
    after_help = "Without --since, --after and --all, the newest are read.\n\n\
    Exit codes: 0 all of it; 3 something in between is gone, or is no event where events are\n\
    printed; 1 or 69 it broke off, and where is said.\n\n\
    Examples:\n  consign replay --subject 'consign.audit.>' --since 30m\n  \
    consign replay --subject 'consign.audit.>' --all -o json | consign verify -\n  \
    consign replay --dir consign-data --limit 10\n  \
    consign replay --stream CONSIGN_EVENTS --since seq:100 --to test.again --dry-run"
)]
pub(crate) struct Arguments {
    /// What was published to this subject or pattern.
    #[arg(long, value_name = "PATTERN")]
    subject: Option<SubjectPattern>,
    #[command(flatten)]
    wanted: Wanted,
    /// What was stored before: an age such as 30m, or a time such as 2026-11-20T12:00:00Z.
    #[arg(long, value_name = "WHEN")]
    until: Option<crate::history::Moment>,
    /// So many: the newest, or with --since, --after or --all the first [default: 100, where none
    /// of these is given].
    #[arg(long, value_name = "N")]
    limit: Option<NonZeroUsize>,
    /// Everything that is kept.
    #[arg(long, conflicts_with_all = ["since", "after"])]
    all: bool,
    /// Go on behind what an earlier run said.
    #[arg(long, value_name = "POSITION")]
    after: Option<String>,
    #[command(flatten)]
    place: Where,
    #[command(flatten)]
    to: aim::To,
    /// So many a second.
    #[arg(long, value_name = "N", conflicts_with = "preserve_timing")]
    rate: Option<NonZeroU32>,
    /// With the pauses there were between them.
    #[arg(long)]
    preserve_timing: bool,
    /// Events for people as this says, such as '{time} {type} {data.user}'.
    #[arg(long, value_name = "TEMPLATE", value_parser = Template::parse)]
    template: Option<Template>,
}

pub(crate) fn run(
    arguments: &Arguments,
    broker: &BrokerArguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    block_on(replay(arguments, broker, output))
}

async fn replay(
    arguments: &Arguments,
    broker: &BrokerArguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let filter = arguments
        .wanted
        .filter(arguments.subject.clone(), arguments.until)?;
    let span = arguments.span()?;
    let subjects: Vec<_> = arguments.subject.iter().cloned().collect();
    let source = arguments.place.open(broker, &subjects, output).await?;
    let reading = source.read(&filter, &span).await?;
    let aim = {
        let template = arguments.template.clone();
        arguments.to.open(broker, template, output).await?
    };
    let run = Run {
        bookmark: reading.bookmark.clone(),
        pace: arguments.pace(),
        limit: arguments.limit.filter(|_| matches!(span, Span::From(_))),
        aim,
        ..Run::default_of(output)
    };
    let is_default = matches!(span, Span::Newest(_)) && arguments.limit.is_none();
    run.all(reading, is_default).await
}

impl Arguments {
    fn span(&self) -> Result<Span, Failure> {
        if self.wanted.sequence().is_some() && !self.place.is_one_stream() {
            let what = "a sequence is one of a single stream";
            return Err(Failure::new(Exit::Usage, what).try_next("--stream NAME --since seq:N"));
        }
        if let Some(after) = &self.after {
            return Ok(Span::From(Begin::After(after.clone())));
        }
        if let Some(sequence) = self.wanted.sequence() {
            return Ok(Span::From(Begin::Sequence(sequence)));
        }
        if self.all || self.wanted.has_since() {
            return Ok(Span::From(Begin::Oldest));
        }
        match self.limit {
            Some(limit) => Ok(Span::Newest(limit.get())),
            None if self.to.is_given() => {
                let what = "say what to hand over again";
                Err(Failure::new(Exit::Usage, what)
                    .try_next("--since, --after, --limit N for the newest, or --all"))
            }
            None => Ok(Span::Newest(USUAL)),
        }
    }

    fn pace(&self) -> Pace {
        match self.rate {
            Some(rate) => Pace::rate(rate),
            None if self.preserve_timing => Pace::original(),
            None => Pace::None,
        }
    }
}

/// A replay under way.
struct Run<'a> {
    output: &'a mut Output,
    aim: Aim,
    pace: Pace,
    limit: Option<NonZeroUsize>,
    bookmark: Bookmark,
    items: u64,
    gaps: u64,
}

impl<'a> Run<'a> {
    fn default_of(output: &'a mut Output) -> Self {
        Self {
            output,
            aim: Aim::Nowhere,
            pace: Pace::None,
            limit: None,
            bookmark: Bookmark::Nowhere,
            items: 0,
            gaps: 0,
        }
    }

    async fn all(mut self, reading: Reading, is_default: bool) -> Result<Exit, Failure> {
        let mut entries = reading.entries;
        let limit = self.limit.map_or(u64::MAX, |limit| limit.get() as u64);
        let mut broken = None;
        let mut stop = pin!(interrupted());
        while self.items < limit {
            let entry = tokio::select! {
                biased;
                () = &mut stop => return self.interrupt().await,
                entry = entries.next() => entry,
            };
            match entry {
                None => break,
                Some(Ok(Entry::Gap(gap))) => {
                    self.gaps += 1;
                    self.output.note(&format!("gap: {gap} is gone"));
                }
                Some(Ok(Entry::Item(item))) => {
                    tokio::select! {
                        biased;
                        () = &mut stop => return self.interrupt().await,
                        () = self.pace.wait(&item) => {}
                    }
                    let place = item.place.clone();
                    if !self.aim.take(item, self.output).await? {
                        break;
                    }
                    self.items += 1;
                    if let Some(place) = place {
                        self.bookmark.reach(&place);
                    }
                }
                Some(Err(failure)) => {
                    broken = Some(failure);
                    break;
                }
            }
        }
        let left_out = tokio::select! {
            biased;
            () = &mut stop => return Ok(Exit::Interrupted),
            left_out = self.aim.finish(self.output) => left_out?,
        };
        self.summary(is_default);
        if let Some(failure) = broken {
            return Err(failure);
        }
        let is_whole = self.gaps == 0 && left_out == 0;
        Ok(if is_whole { Exit::Done } else { Exit::Findings })
    }

    async fn interrupt(mut self) -> Result<Exit, Failure> {
        self.aim.finish(self.output).await?;
        self.summary(false);
        Ok(Exit::Interrupted)
    }

    fn summary(&mut self, is_default: bool) {
        let mut words = counted(self.items, "message");
        if self.gaps > 0 {
            words.push_str(&format!(", {}", counted(self.gaps, "gap")));
        }
        if let Some(text) = self.bookmark.text() {
            words.push_str(&format!("; to go on behind them: --after {text}"));
        }
        self.output.note(&words);
        if is_default && self.items >= USUAL as u64 {
            let usual = count(USUAL as u64);
            self.output.note(&format!(
                "these are the newest {usual} alone: --all, --since or --limit for others"
            ));
        }
    }
}

/// How many are read when nothing says how many.
const USUAL: usize = 100;
