use async_nats::jetstream::publish::PublishAck;
use supervisor::exit::{Exit, Failure};

use super::tag::{Repeat, Tag};
use crate::human::{counted, safe};
use crate::output::{Format, Output};
use crate::send::{Answers, Broken, Fate, Kept, Tally};

/// Counts what becomes of events, and tells.
pub(super) struct Ledger<'a> {
    pub(super) output: &'a mut Output,
    tally: Tally,
}

impl<'a> Ledger<'a> {
    pub(super) fn new(output: &'a mut Output) -> Self {
        let tally = Tally::default();
        Self { output, tally }
    }

    /// Answers of the broker.
    pub(super) fn acknowledged(
        &mut self,
        answers: Answers<Tag, PublishAck>,
    ) -> Result<(), Failure> {
        self.settle(answers, |ledger, tag, ack| {
            if ack.duplicate {
                ledger.tally.duplicates += 1;
            } else {
                ledger.tally.stored += 1;
            }
            tag.stored(ack, ledger.output)
        })
    }

    /// Answers of a supervisor.
    pub(super) fn decided(&mut self, answers: Answers<Tag, Kept>) -> Result<(), Failure> {
        self.settle(answers, |ledger, tag, Kept { outcome, receipt }| {
            if outcome == "spilled" {
                ledger.tally.spilled += 1;
            } else {
                ledger.tally.stored += 1;
            }
            if ledger.output.format() == Format::Json {
                return ledger.output.foreign_json(receipt.get());
            }
            let id = tag.id.as_deref().map(safe).unwrap_or_default();
            let (outcome, receipt) = (safe(outcome), safe(receipt.get()));
            ledger
                .output
                .line(&format!("{outcome:<9}  {id}  {receipt}"))
        })
    }

    /// An event that did not get as far as to be handed over, or was refused there.
    ///
    /// # Errors
    /// The failure itself, unless it is that of a line, which harms no other.
    pub(super) fn refused(&mut self, line: Option<u64>, failure: Failure) -> Result<(), Failure> {
        self.tally.refused += 1;
        let Some(line) = line else {
            return Err(failure);
        };
        self.output.insist(&format!("line {line}: {failure}"));
        Ok(())
    }

    /// The sum, where lines were read.
    pub(super) fn sum_up(&mut self) {
        self.output.note(&self.tally.in_words());
    }

    pub(super) const fn exit(&self) -> Exit {
        match self.tally.refused {
            0 => Exit::Done,
            _ => Exit::Failed,
        }
    }

    fn settle<K>(
        &mut self,
        answers: Answers<Tag, K>,
        keep: impl Fn(&mut Self, &Tag, &K) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let each = |ledger: &mut Self, answered| {
            for (tag, answer) in answered {
                let tag: Tag = tag;
                match answer {
                    Ok(kept) => keep(ledger, &tag, &kept)?,
                    Err(failure) => ledger.refused(tag.line, failure)?,
                }
            }
            Ok(())
        };
        each(self, answers.answered)?;
        let Some(Broken {
            failure,
            fate,
            tags,
            later,
        }) = answers.broken
        else {
            return Ok(());
        };
        each(self, later)?;
        self.tally.lose(tags.len(), fate);
        if tags.iter().any(|tag| tag.line.is_some()) {
            self.sum_up();
        }
        Err(broke_off(&failure, fate, &tags))
    }
}

/// What it means for these events, and how to go on from there.
fn broke_off(failure: &Failure, fate: Fate, tags: &[Tag]) -> Failure {
    let lines = tags.iter().filter_map(|tag| tag.line);
    let which = match (lines.clone().min(), lines.max(), tags) {
        (Some(first), Some(last), _) if first == last => format!("line {first}"),
        (Some(first), Some(last), _) => format!("lines {first} to {last}"),
        (_, _, [_]) => "the event".to_owned(),
        _ => counted(tags.len() as u64, "event"),
    };
    let what = match fate {
        Fate::Refused => format!("hand over {which}: nothing from there on is kept"),
        Fate::Unknown => format!("learn what became of {which}"),
    };
    let causes = [failure.what().to_owned()]
        .into_iter()
        .chain(failure.causes());
    let causes: Vec<String> = causes.collect();
    let told = Failure::new(failure.exit(), what).because(causes.join(": "));
    match (fate, failure.advice()) {
        (Fate::Unknown, _) => told.try_next(Repeat::advice(tags)),
        (Fate::Refused, Some(advice)) => told.try_next(advice),
        (Fate::Refused, None) => told,
    }
}
