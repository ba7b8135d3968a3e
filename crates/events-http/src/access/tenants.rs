use std::collections::BTreeSet;

use events_core::TenantId;

use crate::problem::Problem;

/// Whose events somebody may see or hand over.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Tenants {
    /// Every tenant's.
    All,
    /// Those of these tenants alone; of nobody's where there are none.
    Only(BTreeSet<TenantId>),
}

impl Tenants {
    /// Nobody's.
    #[must_use]
    pub const fn none() -> Self {
        Self::Only(BTreeSet::new())
    }

    /// Whether the events of `tenant` are among them.
    #[must_use]
    pub fn hold(&self, tenant: &TenantId) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.contains(tenant),
        }
    }

    /// Whether they are nobody's.
    #[must_use]
    pub fn is_none(&self) -> bool {
        matches!(self, Self::Only(names) if names.is_empty())
    }

    /// The tenant, where it is one alone.
    #[must_use]
    pub fn only(&self) -> Option<TenantId> {
        match self {
            Self::Only(names) if names.len() == 1 => names.first().copied(),
            Self::Only(_) | Self::All => None,
        }
    }

    /// These, narrowed to the one that is asked for.
    ///
    /// # Errors
    /// 403 where that one is none of them.
    pub(crate) fn narrowed(&self, asked: Option<TenantId>) -> Result<Self, Problem> {
        match asked {
            None => Ok(self.clone()),
            Some(tenant) if self.hold(&tenant) => Ok(tenant.into()),
            Some(_) => {
                let detail = "the token is not good for events of this tenant";
                Err(Problem::forbidden(detail))
            }
        }
    }

    /// Adds one tenant, or all where none is named.
    pub(super) fn add(&mut self, tenant: Option<TenantId>) {
        match (&mut *self, tenant) {
            (Self::All, _) => {}
            (Self::Only(names), Some(tenant)) => drop(names.insert(tenant)),
            (Self::Only(_), None) => *self = Self::All,
        }
    }
}

impl From<TenantId> for Tenants {
    fn from(tenant: TenantId) -> Self {
        Self::Only([tenant].into())
    }
}
