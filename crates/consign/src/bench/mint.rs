use std::ops::Range;

use events_core::codec::{DecodeError, Limits, structured};
use events_core::{Event, TenantId};
use serde_json::json;
use ulid::Ulid;

use super::run_id::RunId;
use super::sighting::{Attributes, Sighting};

/// Makes the events of one run, and knows them again.
#[derive(Debug)]
pub(super) struct Mint {
    source: String,
    kind: String,
    /// What follows id and type, up to the event's end.
    rest: String,
}

impl Mint {
    /// Of a run; each has a source of its own, so that a run's name may come again.
    pub(super) fn new(run: &RunId, kind: &str, tenant: &TenantId, size: usize) -> Self {
        let source = format!("/bench/{run}/{}", Ulid::generate());
        let words = FILLING.chars().cycle();
        let filling: String = words.take(size.saturating_sub(EMPTY.len())).collect();
        let rest = format!(
            r#","source":{},"tenantid":{},"runid":{},"datacontenttype":"application/json","data":{{"fill":"{filling}"}}}}"#,
            json!(source),
            json!(tenant.as_str()),
            json!(run.to_string()),
        );
        Self {
            source,
            kind: kind.to_owned(),
            rest,
        }
    }

    pub(super) fn source(&self) -> &str {
        &self.source
    }

    /// The event of this number, in structured mode.
    pub(super) fn event(&self, number: u64) -> String {
        self.with_id(&format!("{RUN}{number}"), &self.kind)
    }

    /// Events as a batch.
    pub(super) fn batch(&self, numbers: Range<u64>) -> String {
        let events: Vec<String> = numbers.map(|number| self.event(number)).collect();
        format!("[{}]", events.join(","))
    }

    /// One that goes ahead. Its type is a token longer, so that its subject is another.
    pub(super) fn warm_up(&self, number: u64) -> String {
        self.with_id(
            &format!("{WARM_UP}{number}"),
            &format!("{}.warm-up", self.kind),
        )
    }

    /// An event as the run's are, and one as those ahead of them.
    ///
    /// # Errors
    /// What is wrong with them.
    pub(super) fn samples(&self) -> Result<[Event; 2], DecodeError> {
        let read = |json: String| structured::decode(json.as_bytes(), Limits::UNLIMITED);
        Ok([read(self.event(0))?, read(self.warm_up(0))?])
    }

    /// What an event from elsewhere is to this run, if it is one of its own.
    pub(super) fn knows(&self, attributes: Attributes<'_>) -> Option<Sighting> {
        if attributes.source != self.source {
            return None;
        }
        if attributes.id.starts_with(WARM_UP) {
            return Some(Sighting::WarmUp);
        }
        let number = attributes.id.strip_prefix(RUN)?.parse().ok()?;
        Some(Sighting::Event(number, attributes.place()))
    }

    fn with_id(&self, id: &str, kind: &str) -> String {
        let kind = json!(kind);
        let rest = &self.rest;
        format!(r#"{{"specversion":"1.0","id":"{id}","type":{kind}{rest}"#)
    }
}

const RUN: &str = "e-";
const WARM_UP: &str = "w-";
const EMPTY: &str = r#"{"fill":""}"#;
/// Words, so that whoever looks for secrets finds what they find in most events.
const FILLING: &str = "the quick brown fox jumps over the lazy dog and then sleeps a while ";

#[cfg(test)]
mod tests {
    use super::{Mint, Sighting};
    use crate::bench::sighting::Attributes;

    #[test]
    fn a_run_knows_its_own_events_and_no_others() {
        let run = "r-1".parse().unwrap();
        let mint = |size| Mint::new(&run, "bench.event", &"acme".parse().unwrap(), size);
        let (ours, theirs) = (mint(100), mint(100));
        let seen = |mint: &Mint, json: &str| mint.knows(Attributes::of_json(json.as_bytes())?);
        let event = ours.event(7);
        assert_eq!(seen(&ours, &event), Some(Sighting::Event(7, None)));
        assert_eq!(seen(&theirs, &event), None, "the same name, another run");
        assert_eq!(seen(&ours, &ours.warm_up(7)), Some(Sighting::WarmUp));
        assert_eq!(seen(&ours, "{}"), None);

        let [event, ahead] = ours.samples().unwrap();
        assert_eq!(event.kind().as_str(), "bench.event");
        assert_eq!(ahead.kind().as_str(), "bench.event.warm-up");
        for (size, length) in [(0, 11), (100, 100)] {
            let json: serde_json::Value = serde_json::from_str(&mint(size).event(0)).unwrap();
            assert_eq!(json["data"].to_string().len(), length);
        }
    }
}
