use events_core::Event;

use super::Alteration;
use crate::dsse::Material;
use crate::voided::Voided;
use crate::{ProducerId, attribute, digits};

/// What a verified event says of its chain.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Position {
    pub(crate) producer: ProducerId,
    pub(crate) sequence: u64,
    /// Every number up to this one was kept or declared.
    pub(crate) settled: u64,
    /// Numbers not to be expected.
    pub(crate) voided: Voided,
}

impl Position {
    /// The place of an event whose listed extension attributes are verified, `None` where it
    /// belongs to no chain.
    pub(crate) fn of(
        event: &Event,
        material: &Material,
        key_id: &str,
    ) -> Result<Option<Self>, Alteration> {
        let text = |name: &str| {
            let value = event.extension(name).filter(|_| material.signs(name));
            value.and_then(|value| value.as_str())
        };
        if !material.signs(attribute::PRODUCER) {
            return Ok(None);
        }
        let producer: Option<ProducerId> =
            text(attribute::PRODUCER).and_then(|name| name.parse().ok());
        let producer = producer
            .filter(|producer| producer.key_id() == key_id)
            .filter(|producer| text(attribute::TENANT) == Some(producer.tenant()))
            .filter(|_| event.time().is_none() || material.signs(attribute::EXACT_TIME))
            .ok_or(Alteration::Producer)?;
        let number = |name| text(name).and_then(digits::read);
        let sequence = number(attribute::SEQUENCE).ok_or(Alteration::Sequence)?;
        let settled = number(attribute::SETTLED).ok_or(Alteration::Sequence)?;
        let voided = text(attribute::VOIDED).unwrap_or_default();
        let voided: Voided = voided.parse().map_err(|_| Alteration::Sequence)?;
        if settled >= sequence || voided.own.last().is_some_and(|last| last >= sequence) {
            return Err(Alteration::Sequence);
        }
        Ok(Some(Self {
            producer,
            sequence,
            settled,
            voided,
        }))
    }
}
