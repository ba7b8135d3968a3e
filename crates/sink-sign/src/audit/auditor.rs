use std::collections::BTreeMap;
use std::io::{self, BufRead};

use events_core::{Event, MessageId, TenantId};

use super::chain::{Chain, Step};
use super::line::{Content, Line, Lines};
use super::recent::Recent;
use super::report::{Fault, Finding, Report};
use crate::verify::{Examined, Mode, Origin, Verdict, Verifier};
use crate::{ProducerId, attribute};

/// Judges a record of events in the order it is stored, one after another.
///
/// Memory follows the number of chains and the gaps in them, not the number of events; to count
/// re-sent identities it remembers the last one to two million events.
#[derive(Debug)]
pub struct Audit {
    verifier: Verifier,
    order: Order,
    chains: BTreeMap<ProducerId, Chain>,
    recent: Recent,
    report: Report,
}

/// Whether the order of a chain's events must be that of their numbers.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Order {
    /// Any order: concurrent senders and redrive reorder honestly. Only counted.
    #[default]
    Any,
    /// Ascending: an event after one with a higher number is a finding.
    Strict,
}

impl Audit {
    /// An audit that has seen nothing yet.
    #[must_use]
    pub fn new(verifier: Verifier, order: Order) -> Self {
        Self {
            verifier,
            order,
            chains: BTreeMap::new(),
            recent: Recent::default(),
            report: Report::default(),
        }
    }

    /// Judges a file of one event a line, `source` by name. A journal's files come in their order.
    ///
    /// An unterminated last line that is the beginning of an event is a torn tail.
    ///
    /// # Errors
    /// What the reader meets; what was read until then is judged.
    pub fn file(&mut self, source: &str, reader: impl BufRead) -> io::Result<()> {
        let mut lines = Lines::new(reader);
        while let Some(line) = lines.next_line()? {
            self.line(source, &line);
        }
        Ok(())
    }

    /// Judges one line. `None` where it holds no event.
    pub fn line(&mut self, source: &str, line: &Line<'_>) -> Option<Verdict> {
        self.line_in(source, line, Standing::Stored)
    }

    /// Judges an event in a spool, by the bytes it was spilled with. `None` where they are none.
    ///
    /// To come after all that is stored: an event may stand there too, since an answer can be lost,
    /// and a spool has no place in the order.
    pub fn spooled(&mut self, source: &str, line: &Line<'_>) -> Option<Verdict> {
        self.line_in(source, line, Standing::Spooled)
    }

    /// Takes note of a damaged range of a spool, at `offset` of `source`: a finding.
    pub fn damaged(&mut self, source: &str, offset: u64) {
        self.report.damaged += 1;
        self.find(source, offset, None, Finding::Damaged);
    }

    /// Takes note of a tail that was never written to its end, which a crash leaves: no finding.
    pub fn torn(&mut self) {
        self.report.torn_tails += 1;
    }

    fn line_in(&mut self, source: &str, line: &Line<'_>, standing: Standing) -> Option<Verdict> {
        let event = match line.read() {
            Content::Event(event) => event,
            Content::Blank => return None,
            Content::Torn => {
                self.torn();
                return None;
            }
            Content::Unreadable => {
                self.report.unreadable += 1;
                self.find(source, line.number, None, Finding::Unreadable);
                return None;
            }
        };
        let verdict = self.event_in(source, line.number, &event, standing);
        // Values are what a signature covers, not their spelling. Strictly, ours have but one.
        let is_ours = event.extension(attribute::PRODUCER).is_some();
        let is_strict = self.verifier.mode() == Mode::Strict;
        if verdict.is_verified() && is_ours && is_strict && !line.is_as_written(&event) {
            self.report.rewritten += 1;
            self.find(source, line.number, Some(&event), Finding::Rewritten);
        }
        Some(verdict)
    }

    /// Judges one event that stands at `line` of `source`.
    pub fn event(&mut self, source: &str, line: u64, event: &Event) -> Verdict {
        self.event_in(source, line, event, Standing::Stored)
    }

    fn event_in(&mut self, source: &str, line: u64, event: &Event, standing: Standing) -> Verdict {
        self.report.events += 1;
        let verdict = match self.verifier.examine(event) {
            Ok(examined) => return self.verified(source, line, event, examined, standing),
            Err(verdict) => verdict,
        };
        let count = match verdict {
            Verdict::Unsigned => &mut self.report.unsigned,
            Verdict::UnknownKey => &mut self.report.unknown_key,
            Verdict::ExpiredKey { .. } => &mut self.report.expired_key,
            Verdict::Altered(_) | Verdict::Verified { .. } => &mut self.report.altered,
        };
        *count += 1;
        self.find(
            source,
            line,
            Some(event),
            Finding::Untrusted(verdict.clone()),
        );
        verdict
    }

    /// The judgement over all that was seen.
    #[must_use]
    pub fn finish(mut self) -> Report {
        let chains = self.chains.iter();
        self.report.chains = chains
            .filter_map(|(producer, chain)| chain.report(producer))
            .collect();
        let holes = self.report.chains.iter().map(|chain| chain.holes.count());
        self.report.findings = holes.fold(self.report.findings, u64::saturating_add);
        self.report
    }

    fn verified(
        &mut self,
        source: &str,
        line: u64,
        event: &Event,
        examined: Examined,
        standing: Standing,
    ) -> Verdict {
        let Examined {
            key_id,
            material,
            position,
        } = examined;
        self.report.verified += 1;
        *self.report.keys.entry(key_id.to_string()).or_default() += 1;
        if self.verifier.mode() != Mode::CoreOnly && material.signs(attribute::ORIGIN_MATERIAL) {
            let origins = &mut self.report.origins;
            match self.verifier.origin(event) {
                Some(Origin::Holds { .. }) => origins.holds += 1,
                Some(Origin::UnknownKey) => origins.unknown_key += 1,
                Some(Origin::Broken) => origins.broken += 1,
                None => {}
            }
        }
        if let Some(position) = position {
            for (producer, numbers) in &position.voided.elsewhere {
                self.chains
                    .entry(producer.clone())
                    .or_default()
                    .declare(numbers);
            }
            let chain = self.chains.entry(position.producer.clone()).or_default();
            if standing == Standing::Spooled {
                self.report.also_stored += u64::from(chain.see_spooled(&position));
                return Verdict::Verified { key_id };
            }
            match chain.see(&position) {
                Step::Again => self.find(source, line, Some(event), Finding::Duplicate),
                Step::Back if self.order == Order::Strict => {
                    self.find(source, line, Some(event), Finding::Reordered);
                    self.note_identity(event);
                }
                Step::Back | Step::Onward => self.note_identity(event),
            }
        }
        Verdict::Verified { key_id }
    }

    fn note_identity(&mut self, event: &Event) {
        if !self.recent.insert(message_id(event)) {
            self.report.resends += 1;
        }
    }

    fn find(&mut self, source: &str, line: u64, event: Option<&Event>, finding: Finding) {
        self.report.findings += 1;
        if self.report.faults.len() >= MOST_FAULTS {
            self.report.faults_left_out += 1;
            return;
        }
        self.report.faults.push(Fault {
            source: source.to_owned(),
            line,
            event: event.map(|event| message_id(event).to_string()),
            finding,
        });
    }
}

/// Where an event stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Standing {
    /// In the record, at its place.
    Stored,
    /// In a spool, on its way there or never to come.
    Spooled,
}

fn message_id(event: &Event) -> MessageId {
    let tenant = TenantId::named_by(event).ok().flatten().unwrap_or_default();
    MessageId::new(&tenant, event.source().as_str(), event.id().as_str())
}

const MOST_FAULTS: usize = 1000;
