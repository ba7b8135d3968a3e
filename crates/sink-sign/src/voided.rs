use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::{ProducerId, Ranges, RangesError};

/// Numbers not to be expected, as `voidedsequences` says them: ranges of the event's own chain,
/// then of others as `producerid:ranges`, set apart by spaces.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Voided {
    pub(crate) own: Ranges,
    pub(crate) elsewhere: BTreeMap<ProducerId, Ranges>,
}

impl Voided {
    pub(crate) fn is_empty(&self) -> bool {
        self.own.is_empty() && self.elsewhere.is_empty()
    }
}

impl fmt::Display for Voided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.own)?;
        let mut separator = if self.own.is_empty() { "" } else { " " };
        for (producer, numbers) in &self.elsewhere {
            write!(f, "{separator}{producer}:{numbers}")?;
            separator = " ";
        }
        Ok(())
    }
}

impl FromStr for Voided {
    type Err = RangesError;

    fn from_str(text: &str) -> Result<Self, RangesError> {
        let mut voided = Self::default();
        for part in text.split(' ').filter(|part| !part.is_empty()) {
            match part.split_once(':') {
                None => voided.own.extend(&part.parse()?),
                Some((producer, numbers)) => {
                    let producer = producer.parse().map_err(|_| RangesError)?;
                    let known = voided.elsewhere.entry(producer).or_default();
                    known.extend(&numbers.parse()?);
                }
            }
        }
        Ok(voided)
    }
}

#[cfg(test)]
mod tests {
    use super::Voided;

    #[test]
    fn ranges_of_other_chains_follow_a_space() {
        let other = "k.01D39ZY06FGSCTVN4T2V9PKHFZ.audit.acme";
        let third = "k.01D39ZY06FGSCTVN4T2V9PKHFZ.audit.other";
        let text = format!("17,19-22 {other}:3,5-6 {third}:1");
        let voided: Voided = text.parse().unwrap();
        assert_eq!(voided.own.to_string(), "17,19-22");
        let elsewhere: Vec<_> = voided
            .elsewhere
            .iter()
            .map(|(producer, numbers)| (producer.as_str(), numbers.to_string()))
            .collect();
        assert_eq!(
            elsewhere,
            [(other, "3,5-6".to_owned()), (third, "1".to_owned())]
        );
        assert_eq!(voided.to_string(), text);

        let alone = format!("{other}:1");
        let voided: Voided = format!(" {alone}").parse().unwrap();
        assert!(voided.own.is_empty() && voided.elsewhere.len() == 1);
        assert_eq!(voided.to_string(), alone);
        assert_eq!(alone.parse(), Ok(voided));
        for bad in ["x", "1 x:1", "1,", "k:1"] {
            assert!(bad.parse::<Voided>().is_err(), "{bad}");
        }
    }
}
