//! What was stored, again: printed, or handed over once more.

mod again;
mod aim;
mod pace;
mod print;
mod settle;

use std::num::{NonZeroU32, NonZeroUsize};
use std::pin::{Pin, pin};
use std::time::Duration;

use clap::Args;
use events_core::subject::SubjectPattern;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use supervisor::exit::{Exit, Failure};
use tokio::time::timeout;

use self::aim::Aim;
use self::pace::Pace;
use crate::broker::BrokerArguments;
use crate::client::block_on;
use crate::history::{Begin, Bookmark, Entry, Reading, Span, Wanted, Where};
use crate::human::counted;
use crate::output::Output;
use crate::progress::Progress;
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
    // Lines that come on a terminal tell themselves how far it is.
    let progress = if aim.is_seen() {
        Progress::silent()
    } else {
        output.progress("replaying")
    };
    let run = Run {
        output,
        progress,
        bookmark: reading.bookmark.clone(),
        begun: reading.bookmark.clone(),
        pace: arguments.pace(),
        limit: arguments.limit.filter(|_| matches!(span, Span::From(_))),
        aim,
        items: 0,
        gaps: 0,
    };
    let is_default = matches!(span, Span::Newest(_)) && arguments.limit.is_none();
    run.all(reading, is_default).await
}

impl Arguments {
    fn span(&self) -> Result<Span, Failure> {
        self.place.check(&self.wanted)?;
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
    progress: Progress,
    aim: Aim,
    pace: Pace,
    limit: Option<NonZeroUsize>,
    /// Behind what is known to be dealt with.
    bookmark: Bookmark,
    /// Behind everything that was begun.
    begun: Bookmark,
    items: u64,
    gaps: u64,
}

/// How the reading came to its end.
enum Ended {
    /// There is no more, or no more is wanted.
    Whole,
    Interrupted,
    Broken(Failure),
}

impl Run<'_> {
    async fn all(mut self, reading: Reading, is_default: bool) -> Result<Exit, Failure> {
        let mut stop = pin!(interrupted());
        let passed = self.pass(reading.entries, stop.as_mut()).await;
        self.progress.wipe();
        let dealt_with = match passed {
            Ok(ended) => self.finish(ended, stop).await,
            Err(failure) => Err(failure),
        };
        let (ended, left_out) = match dealt_with {
            Ok(dealt_with) => dealt_with,
            Err(failure) => return self.broke_off(failure),
        };
        self.bookmark = self.begun.clone();
        self.aim.report(self.output)?;
        let words = self.summary();
        match ended {
            Ended::Broken(failure) => {
                self.output.insist(&format!("broken off: {words}"));
                Err(failure)
            }
            Ended::Interrupted => {
                self.output.note(&words);
                Ok(Exit::Interrupted)
            }
            Ended::Whole => {
                self.output.note(&words);
                if is_default && self.items >= USUAL as u64 {
                    self.output.note(&format!(
                        "these are the newest {USUAL} alone: --all, --since or --limit for others"
                    ));
                }
                let is_whole = self.gaps == 0 && left_out == 0;
                Ok(if is_whole { Exit::Done } else { Exit::Findings })
            }
        }
    }

    /// Hands every item to the aim. Fails where the aim does.
    async fn pass(&mut self, mut entries: Entries, mut stop: Stop<'_>) -> Result<Ended, Failure> {
        let limit = self.limit.map_or(u64::MAX, |limit| limit.get() as u64);
        while self.items < limit {
            let entry = tokio::select! {
                biased;
                () = &mut stop => return Ok(Ended::Interrupted),
                entry = entries.next() => entry,
            };
            let item = match entry {
                None => break,
                Some(Err(failure)) => return Ok(Ended::Broken(failure)),
                Some(Ok(Entry::Gap(gap))) => {
                    self.gaps += 1;
                    self.progress.wipe();
                    self.output.note(&format!("gap: {gap} is gone"));
                    continue;
                }
                // Of what is to come alone, which is not replayed.
                Some(Ok(Entry::Spilled(_) | Entry::Notice(_))) => continue,
                Some(Ok(Entry::Item(item))) => item,
            };
            tokio::select! {
                biased;
                () = &mut stop => return Ok(Ended::Interrupted),
                () = self.pace.wait(&item) => {}
            }
            if item.event().is_none() {
                // Something may be said of it.
                self.progress.wipe();
            }
            let place = item.place.clone();
            let is_open = tokio::select! {
                biased;
                // What was on its way is for nobody to say then.
                () = &mut stop => return Err(given_up()),
                taken = self.aim.take(item, &mut self.bookmark, self.output) => taken?,
            };
            if !is_open {
                break;
            }
            self.items += 1;
            self.progress.at(self.items, self.limit.map(|_| limit));
            if let Some(place) = place {
                self.begun.reach(&place);
            }
        }
        Ok(Ended::Whole)
    }

    /// Waits until everything that was begun is dealt with. How many items did not get there.
    async fn finish(&mut self, ended: Ended, stop: Stop<'_>) -> Result<(Ended, u64), Failure> {
        let rest = self.aim.finish(&mut self.bookmark, self.output);
        let left_out = if matches!(ended, Ended::Interrupted) {
            timeout(SOON, rest).await.unwrap_or(Err(given_up()))?
        } else {
            tokio::select! {
                biased;
                () = stop => return Err(given_up()),
                left_out = rest => left_out?,
            }
        };
        Ok((ended, left_out))
    }

    /// Says how far it is known to have come.
    fn broke_off(mut self, mut failure: Failure) -> Result<Exit, Failure> {
        if self.aim.hands_over() {
            self.aim.give_up(self.items);
            self.aim.report(self.output)?;
            let known = self.bookmark.text();
            if failure.advice().is_none() {
                failure = failure.try_next(match &known {
                    Some(text) => format!("the same again with --after {text}"),
                    None => "the same again".to_owned(),
                });
            }
            let known = known.map(|text| {
                format!("broken off; to go on behind what is known to be kept: --after {text}")
            });
            self.output.insist(known.as_deref().unwrap_or(
                "broken off; to go on: the same again, where what is kept already is a duplicate",
            ));
        }
        match failure.exit() {
            Exit::Interrupted => Ok(Exit::Interrupted),
            _ => Err(failure),
        }
    }

    /// What came, and how to go on.
    fn summary(&self) -> String {
        let mut words = counted(self.items, "message");
        if self.gaps > 0 {
            words.push_str(&format!(", {}", counted(self.gaps, "gap")));
        }
        if let Some(text) = self.bookmark.text() {
            words.push_str(&format!("; to go on behind them: --after {text}"));
        }
        words
    }
}

fn given_up() -> Failure {
    Failure::new(Exit::Interrupted, "wait for the rest")
}

type Entries = BoxStream<'static, Result<Entry, Failure>>;
type Stop<'a> = Pin<&'a mut dyn Future<Output = ()>>;

/// How many are read when nothing says how many.
const USUAL: usize = 100;
/// How long the rest may take after an interrupt.
const SOON: Duration = Duration::from_millis(500);
