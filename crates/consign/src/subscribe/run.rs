use std::pin::{Pin, pin};
use std::time::Duration;

use futures::stream::{BoxStream, StreamExt as _};
use supervisor::exit::{Exit, Failure};
use tokio::time::Instant;

use super::judge::Judge;
use super::{Arguments, live, newest};
use crate::broker::BrokerArguments;
use crate::history::{Begin, Entry, Item};
use crate::human::{counted, safe};
use crate::output::{Format, Output};
use crate::shown::{Lines, rendered};
use crate::stop::interrupted;
use crate::writer::{Line, Put, Writer};

pub(super) type Entries = BoxStream<'static, Result<Entry, Failure>>;

pub(super) async fn subscribe(
    arguments: &Arguments,
    broker: &BrokerArguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let mut stop = pin!(interrupted());
    let judge = Judge::new(arguments)?;
    let opened = tokio::select! {
        biased;
        () = &mut stop => return Ok(Exit::Interrupted),
        opened = open(arguments, broker, output) => opened?,
    };
    let named: Vec<&str> = arguments
        .subjects
        .iter()
        .map(|subject| subject.as_str())
        .collect();
    output.note(&format!("watching {}", named.join(" ")));
    let mut run = Run {
        arguments,
        judge,
        lines: Lines::of_today(arguments.template.clone()),
        writer: Writer::start(output, ROOM),
        waits: arguments.reads_history(),
        dropped: 0,
        told: Instant::now(),
        output,
    };
    let ended = run.all(opened, stop.as_mut()).await;
    run.finish(ended, stop).await
}

async fn open(
    arguments: &Arguments,
    broker: &BrokerArguments,
    output: &mut Output,
) -> Result<Entries, Failure> {
    let subject = match arguments.subjects.as_slice() {
        [one] => Some(one.clone()),
        _ => None,
    };
    let filter = arguments.wanted.filter(subject, None)?;
    if !arguments.reads_history() {
        let reached = broker.reach().await?;
        let messages = live::messages(&reached, &arguments.subjects).await?;
        // Kept for as long as the messages are.
        let messages = messages.map(move |entry| {
            let _connection = &reached;
            entry
        });
        return Ok(messages.boxed());
    }
    arguments.place.check(&arguments.wanted)?;
    let source = arguments
        .place
        .open(broker, &arguments.subjects, output)
        .await?;
    let begin = match (arguments.last, arguments.wanted.sequence()) {
        (Some(last), _) => return newest::and_on(&source, &filter, last.get()).await,
        (None, Some(sequence)) => Begin::Sequence(sequence),
        (None, None) if arguments.all || arguments.wanted.has_since() => Begin::Oldest,
        (None, None) => Begin::Next,
    };
    Ok(source.follow(&filter, &begin).await?.entries)
}

struct Run<'a> {
    arguments: &'a Arguments,
    judge: Judge,
    lines: Lines,
    writer: Writer,
    /// Whether events wait for who reads them, rather than pass by.
    waits: bool,
    dropped: u64,
    told: Instant,
    output: &'a mut Output,
}

impl Run<'_> {
    async fn all(
        &mut self,
        mut entries: Entries,
        mut stop: Pin<&mut impl Future<Output = ()>>,
    ) -> Result<Exit, Failure> {
        loop {
            let entry = tokio::select! {
                biased;
                () = &mut stop => return Ok(Exit::Interrupted),
                entry = entries.next() => entry,
            };
            match entry {
                None => {
                    let what = "go on watching";
                    return Err(
                        Failure::new(Exit::Unreachable, what).because("the connection ended")
                    );
                }
                Some(Err(failure)) => return Err(failure),
                Some(Ok(Entry::Gap(gap))) => self.output.note(&format!("gap: {gap} is gone")),
                Some(Ok(Entry::Notice(notice))) => self.output.note(&safe(&notice)),
                // It comes once more, so it does not count, and no program is given it twice.
                Some(Ok(Entry::Spilled(item))) if self.shows_spilled() && self.wants(&item) => {
                    let line = Line::Text(self.lines.line(&item, Some(SPILLED)));
                    let shown = self.print(line);
                    let is_open = tokio::select! {
                        biased;
                        () = &mut stop => return Ok(Exit::Interrupted),
                        is_open = shown => is_open,
                    };
                    if !is_open {
                        return Ok(Exit::Done);
                    }
                }
                Some(Ok(Entry::Item(item))) if self.wants(&item) => {
                    let shown = self.show(&item);
                    let is_open = tokio::select! {
                        biased;
                        () = &mut stop => return Ok(Exit::Interrupted),
                        is_open = shown => is_open,
                    };
                    let is_all = self
                        .arguments
                        .count
                        .is_some_and(|count| self.judge.seen() >= count.get());
                    if is_all || !is_open {
                        return Ok(Exit::Done);
                    }
                }
                Some(Ok(Entry::Item(_) | Entry::Spilled(_))) => {}
            }
        }
    }

    fn wants(&self, item: &Item) -> bool {
        let Arguments { wanted, grep, .. } = self.arguments;
        let subject = item.subject.as_deref();
        subject.is_none_or(|subject| self.arguments.wants_subject(subject))
            && wanted.wants_event(item.event())
            && grep.as_ref().is_none_or(|grep| grep.is_match(item.bytes()))
    }

    /// Shows an item. False where nobody looks on.
    async fn show(&mut self, item: &Item) -> bool {
        let judged = self.judge.look(item);
        let line = if self.arguments.raw {
            Some(Line::Raw([item.bytes(), &b"\n"[..]].concat().into()))
        } else {
            rendered(
                self.output.format(),
                &mut self.lines,
                item,
                judged.as_deref(),
            )
        };
        match line {
            Some(line) => self.print(line).await,
            None => true,
        }
    }

    /// Whether people look on, who can tell by a word what waits from what is stored.
    fn shows_spilled(&self) -> bool {
        let is_for_people = !matches!(self.output.format(), Format::Json | Format::Name);
        is_for_people && !self.arguments.raw
    }

    /// Prints a line. False where nobody looks on.
    async fn print(&mut self, line: Line) -> bool {
        if self.waits {
            return self.writer.put(line).await == Put::Taken;
        }
        match self.writer.try_put(line) {
            Put::Taken => true,
            Put::Full => {
                self.dropped += 1;
                if self.told.elapsed() > PAUSE {
                    self.told = Instant::now();
                    let dropped = counted(self.dropped, "event");
                    self.output.note(&format!(
                        "slow: {dropped} not shown, since they come faster than they are read"
                    ));
                }
                true
            }
            Put::Closed => false,
        }
    }

    async fn finish(
        self,
        ended: Result<Exit, Failure>,
        stop: Pin<&mut impl Future<Output = ()>>,
    ) -> Result<Exit, Failure> {
        let output = self.output;
        // An interrupted reader may never read on.
        let (ended, written) = if matches!(ended, Ok(Exit::Interrupted)) {
            self.writer.finish_soon().await;
            (ended, Ok(()))
        } else {
            tokio::select! {
                biased;
                () = stop => (Ok(Exit::Interrupted), Ok(())),
                written = self.writer.finish_while_read(|words| output.note(words)) => (ended, written),
            }
        };
        let mut words = self.judge.summary();
        if self.dropped > 0 {
            words.push_str(&format!(", {} not shown", counted(self.dropped, "event")));
        }
        output.note(&words);
        written?;
        match ended? {
            Exit::Done if self.judge.has_findings() => Ok(Exit::Findings),
            exit => Ok(exit),
        }
    }
}

/// What stands behind an event that waits on disk.
const SPILLED: &str = "SPILLED";
/// Lines in hand while the reader of ours is busy.
const ROOM: usize = 4096;
const PAUSE: Duration = Duration::from_secs(1);
