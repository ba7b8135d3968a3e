//! The spool as those see it who may see the records of some tenants alone.

use events_core::TenantId;

use super::{DlqEntry, DlqPage, DlqQuery, DlqSummary};
use crate::access::Tenants;
use crate::ports::{DeadLetters, DlqTrouble};

/// The records of `tenants` that `query` asks for, oldest first. What the spool holds in all is
/// told to those alone who may see all of it.
pub(super) async fn list(
    port: &dyn DeadLetters,
    query: &DlqQuery,
    tenants: &Tenants,
) -> Result<DlqPage, DlqTrouble> {
    let Tenants::Only(names) = tenants else {
        return port.list(query).await;
    };
    let (mut records, mut is_more) = (Vec::new(), false);
    for tenant in names {
        let query = DlqQuery {
            tenant: Some(*tenant),
            ..query.clone()
        };
        let page = port.list(&query).await?;
        is_more |= page.next.is_some();
        let own = page.records.into_iter();
        records.extend(own.filter(|record| belongs(record, tenant)));
    }
    // The first of all are among the first of each.
    records.sort_unstable_by_key(|record| record.id);
    is_more |= records.len() > query.limit;
    records.truncate(query.limit);
    let last = records.last().map(|record| record.id);
    Ok(DlqPage {
        records,
        next: last.filter(|_| is_more),
        totals: None,
    })
}

/// The record `id`, where it is one of `tenants`. That of another is as good as none.
pub(super) async fn show(
    port: &dyn DeadLetters,
    id: u64,
    tenants: &Tenants,
) -> Result<Option<DlqEntry>, DlqTrouble> {
    let found = port.show(id).await?;
    Ok(found.filter(|entry| match tenants {
        Tenants::All => true,
        Tenants::Only(names) => names.iter().any(|name| belongs(&entry.summary, name)),
    }))
}

/// A port that does not filter is its own fault, and still nothing of another tenant is shown.
fn belongs(record: &DlqSummary, tenant: &TenantId) -> bool {
    record.tenant == tenant.as_str()
}
