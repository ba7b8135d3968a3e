use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use events_core::TenantId;
use serde::{Serialize, Serializer};
use ulid::Ulid;

use crate::KeyId;

/// The name of one chain: `<key id>.<run ULID>.<route>.<tenant>`, as `producerid` says it.
///
/// Only the key's id can hold dots, so the parts are told apart from the right.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ProducerId(Arc<str>);

/// The text names no chain.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("read the name of a chain: a key id, a ULID, a route and a tenant, joined by dots")]
pub struct ProducerIdError;

impl ProducerId {
    /// The chain of one run for a place: a route's name and a tenant, joined by a dot.
    pub(crate) fn new(key_id: &KeyId, run: Ulid, place: &str) -> Self {
        Self(format!("{key_id}.{run}.{place}").into())
    }

    /// The whole name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id of the key that signs the chain.
    #[must_use]
    pub fn key_id(&self) -> &str {
        self.parts().0
    }

    /// The tenant whose events it numbers.
    #[must_use]
    pub fn tenant(&self) -> &str {
        self.parts().3
    }

    /// What it numbers: the route's name and the tenant, joined by a dot.
    pub(crate) fn place(&self) -> &str {
        let mut dots = self.0.rmatch_indices('.').skip(1);
        let before = dots.next().map_or(0, |(dot, _)| dot + 1);
        self.0.get(before..).unwrap_or_default()
    }

    /// Key id, run, route and tenant.
    fn parts(&self) -> (&str, &str, &str, &str) {
        split(&self.0).unwrap_or_default()
    }
}

impl FromStr for ProducerId {
    type Err = ProducerIdError;

    fn from_str(text: &str) -> Result<Self, ProducerIdError> {
        let (key_id, run, route, tenant) = split(text).ok_or(ProducerIdError)?;
        let key_is_plain = key_id.parse().is_ok_and(|id: KeyId| id.is_plain());
        let run_is_canonical = Ulid::from_string(run).is_ok_and(|ulid| ulid.to_string() == run);
        // A route's name is one token, as a tenant's is.
        let tokens = [route, tenant];
        let are_tokens = tokens.iter().all(|token| token.parse::<TenantId>().is_ok());
        if key_is_plain && run_is_canonical && are_tokens {
            Ok(Self(text.into()))
        } else {
            Err(ProducerIdError)
        }
    }
}

impl fmt::Display for ProducerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for ProducerId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

fn split(text: &str) -> Option<(&str, &str, &str, &str)> {
    let mut parts = text.rsplitn(4, '.');
    let (tenant, route, run) = (parts.next()?, parts.next()?, parts.next()?);
    Some((parts.next()?, run, route, tenant))
}

#[cfg(test)]
mod tests {
    use super::ProducerId;

    const RUN: &str = "01D39ZY06FGSCTVN4T2V9PKHFZ";

    #[test]
    fn parts_are_told_from_the_right() {
        let id: ProducerId = format!("prod.eu.1.{RUN}.audit.acme").parse().unwrap();
        assert_eq!(id.key_id(), "prod.eu.1");
        assert_eq!(id.tenant(), "acme");
        assert_eq!(id.place(), "audit.acme");
    }

    #[test]
    fn malformed_names_are_refused() {
        for bad in [
            format!("{RUN}.audit.acme"),
            format!(".{RUN}.audit.acme"),
            format!("k.{}.audit.acme", RUN.to_lowercase()),
            format!("k.{RUN}.au dit.acme"),
            format!("k.{RUN}.audit."),
            format!("k {RUN}.audit.acme"),
            "k.1.audit.acme".to_owned(),
        ] {
            assert!(bad.parse::<ProducerId>().is_err(), "{bad}");
        }
    }
}
