use std::fmt;
use std::str::FromStr;

use events_core::TenantId;
use thiserror::Error;

use super::Tenants;

/// What a token is good for. `ingest:*` is another spelling of `ingest`, `tail:*` of `tail`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Scope {
    /// Handing over events: any, or one tenant's.
    Ingest(Option<TenantId>),
    /// History, live tail and the spool's records: of all events, or one tenant's; of the status
    /// what concerns nobody else.
    Tail(Option<TenantId>),
    /// Metrics and status.
    Metrics,
    /// Everything there is.
    Admin,
}

/// A word that is no scope.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("a scope is ingest:<tenant>, tail:<tenant>, metrics or admin, where * is any tenant")]
pub struct UnknownScope;

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(word: &str) -> Result<Self, UnknownScope> {
        let (name, tenant) = match word.split_once(':') {
            None => (word, None),
            Some((name @ (INGEST | TAIL), ANY)) => (name, None),
            Some((name, tenant)) => (name, Some(tenant.parse().map_err(|_| UnknownScope)?)),
        };
        match (name, tenant) {
            (INGEST, tenant) => Ok(Self::Ingest(tenant)),
            (TAIL, tenant) => Ok(Self::Tail(tenant)),
            (METRICS, None) => Ok(Self::Metrics),
            (ADMIN, None) => Ok(Self::Admin),
            _ => Err(UnknownScope),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, tenant) = match self {
            Self::Ingest(tenant) => (INGEST, tenant),
            Self::Tail(tenant) => (TAIL, tenant),
            Self::Metrics => (METRICS, &None),
            Self::Admin => (ADMIN, &None),
        };
        f.write_str(name)?;
        tenant.map_or(Ok(()), |tenant| write!(f, ":{tenant}"))
    }
}

/// What a request needs to be allowed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Need {
    /// A token, whatever it is good for.
    Token,
    Ingest,
    Tail,
    Metrics,
    /// To know how the system is, be it in the view of those who may only see events.
    Status,
    Admin,
}

impl Need {
    /// The scope that is enough, as its word.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Ingest => INGEST,
            Self::Tail => TAIL,
            Self::Metrics | Self::Status => METRICS,
            Self::Token | Self::Admin => ADMIN,
        }
    }
}

/// What all of a token's scopes together allow.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Grant {
    admin: bool,
    metrics: bool,
    /// Whose events may be handed over.
    pub(crate) ingest: Tenants,
    /// Whose events may be seen.
    pub(crate) tail: Tenants,
}

impl Grant {
    pub(crate) fn new(scopes: impl IntoIterator<Item = Scope>) -> Self {
        let mut grant = Self {
            admin: false,
            metrics: false,
            ingest: Tenants::none(),
            tail: Tenants::none(),
        };
        for scope in scopes {
            match scope {
                Scope::Ingest(tenant) => grant.ingest.add(tenant),
                Scope::Tail(tenant) => grant.tail.add(tenant),
                Scope::Metrics => grant.metrics = true,
                Scope::Admin => grant = Self::everything(),
            }
        }
        grant
    }

    /// What anybody may where there are no tokens.
    pub(crate) const fn everything() -> Self {
        Self {
            admin: true,
            metrics: true,
            ingest: Tenants::All,
            tail: Tenants::All,
        }
    }

    pub(crate) fn allows(&self, need: Need) -> bool {
        match need {
            Need::Token => true,
            Need::Ingest => !self.ingest.is_none(),
            Need::Tail => !self.tail.is_none(),
            Need::Metrics => self.metrics,
            Need::Status => self.metrics || !self.tail.is_none(),
            Need::Admin => self.admin,
        }
    }
}

const INGEST: &str = "ingest";
const TAIL: &str = "tail";
const METRICS: &str = "metrics";
const ADMIN: &str = "admin";
const ANY: &str = "*";

#[cfg(test)]
mod tests {
    use super::{Grant, Need, Scope, Tenants};

    fn grant(scopes: &str) -> Grant {
        Grant::new(scopes.split(',').map(|word| word.parse().unwrap()))
    }

    #[test]
    fn scopes_are_read_as_they_are_written() {
        for word in [
            "ingest",
            "ingest:acme",
            "tail",
            "tail:a-b_C",
            "metrics",
            "admin",
        ] {
            assert_eq!(word.parse::<Scope>().unwrap().to_string(), word);
        }
        for word in [
            "",
            "Admin",
            "ingest:",
            "tail:a.b",
            "metrics:acme",
            "metrics:*",
            "admin:acme",
            "root",
        ] {
            assert!(word.parse::<Scope>().is_err(), "{word}");
        }
        for word in ["ingest", "tail"] {
            let any: Scope = format!("{word}:*").parse().unwrap();
            assert_eq!(any, word.parse().unwrap());
        }
    }

    #[test]
    fn scopes_add_up_whatever_their_order() {
        let acme = "acme".parse().unwrap();
        for scopes in ["tail:acme,tail:initech", "tail:initech,tail:acme"] {
            let grant = grant(scopes);
            assert!(grant.tail.hold(&acme) && !grant.tail.hold(&"other".parse().unwrap()));
            assert!(grant.ingest.is_none() && !grant.allows(Need::Ingest));
        }
        for scopes in ["tail,tail:acme", "tail:acme,tail", "admin,tail:acme"] {
            assert_eq!(grant(scopes).tail, Tenants::All, "{scopes}");
        }
        for scopes in ["admin,metrics", "metrics,admin"] {
            assert!(grant(scopes).allows(Need::Admin), "{scopes}");
        }
    }
}
