use events_core::Event;

use super::Alteration;
use crate::dsse::Material;
use crate::{ProducerId, Ranges, attribute};

/// What a verified event says of its chain.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Position {
    pub(crate) producer: ProducerId,
    pub(crate) sequence: u64,
    /// Every number up to this one was kept or declared.
    pub(crate) settled: u64,
    /// Numbers of this chain not to be expected.
    pub(crate) voided: Ranges,
    /// The same for chains of earlier runs.
    pub(crate) elsewhere: Vec<(ProducerId, Ranges)>,
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
        let number = |name| text(name).and_then(parse_number);
        let sequence = number(attribute::SEQUENCE).ok_or(Alteration::Sequence)?;
        let settled = number(attribute::SETTLED).ok_or(Alteration::Sequence)?;
        let (voided, elsewhere) = match text(attribute::VOIDED) {
            Some(text) => parse_voided(text).ok_or(Alteration::Sequence)?,
            None => Default::default(),
        };
        if settled >= sequence || voided.last().is_some_and(|last| last >= sequence) {
            return Err(Alteration::Sequence);
        }
        Ok(Some(Self {
            producer,
            sequence,
            settled,
            voided,
            elsewhere,
        }))
    }
}

/// A number in 20 digits.
fn parse_number(text: &str) -> Option<u64> {
    let plain = text.len() == 20 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| plain)
}

/// Ranges of this chain, then of others as `producerid:ranges`, set apart by spaces.
fn parse_voided(text: &str) -> Option<(Ranges, Vec<(ProducerId, Ranges)>)> {
    let mut own = Ranges::default();
    let mut elsewhere = Vec::new();
    for part in text.split(' ').filter(|part| !part.is_empty()) {
        match part.split_once(':') {
            None => own.extend(&part.parse().ok()?),
            Some((producer, ranges)) => {
                elsewhere.push((producer.parse().ok()?, ranges.parse().ok()?));
            }
        }
    }
    Some((own, elsewhere))
}

#[cfg(test)]
mod tests {
    use super::{parse_number, parse_voided};

    #[test]
    fn numbers_have_20_digits() {
        assert_eq!(parse_number("00000000000000000001"), Some(1));
        assert_eq!(parse_number("18446744073709551615"), Some(u64::MAX));
        for bad in [
            "1",
            "18446744073709551616",
            "+0000000000000000001",
            "000000000000000000001",
        ] {
            assert_eq!(parse_number(bad), None, "{bad}");
        }
    }

    #[test]
    fn ranges_of_other_chains_follow_a_space() {
        let other = "k.01D39ZY06FGSCTVN4T2V9PKHFZ.audit.acme";
        let (own, elsewhere) = parse_voided(&format!("17,19-22 {other}:3,5-6")).unwrap();
        assert_eq!(own.to_string(), "17,19-22");
        assert_eq!(elsewhere.len(), 1);
        assert_eq!(elsewhere[0].0.as_str(), other);
        assert_eq!(elsewhere[0].1.to_string(), "3,5-6");
        let (own, elsewhere) = parse_voided(&format!(" {other}:1")).unwrap();
        assert!(own.is_empty() && elsewhere.len() == 1);
        for bad in ["x", "1 x:1", "1,", "k:1"] {
            assert!(parse_voided(bad).is_none(), "{bad}");
        }
    }
}
