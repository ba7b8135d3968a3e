use events_core::{Filter, WireEvent};

use crate::Tenants;

/// Which events are asked for, and whose of them may be seen.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Wanted {
    /// What is asked for. Its tenant is set where it comes down to the events of one alone.
    pub filter: Filter,
    /// Whose events are wanted: never nobody's.
    pub tenants: Tenants,
}

impl Wanted {
    /// What `filter` wants, of the events of `tenants`.
    #[must_use]
    pub fn new(filter: Filter, tenants: Tenants) -> Self {
        let tenant = tenants.only();
        Self {
            filter: Filter { tenant, ..filter },
            tenants,
        }
    }

    /// Whether type, source and tenant of `event` are among those wanted. Subject and time, which
    /// an event itself does not hold, are the filter's to judge.
    #[must_use]
    pub fn wants_event(&self, event: &WireEvent) -> bool {
        self.tenants.hold(event.tenant()) && self.filter.wants_event(Some(event))
    }

    /// Filters that want the same together and no event twice: one, or one for each of several
    /// tenants. The newest of all are among the newest of each.
    #[must_use]
    pub fn each(&self) -> Vec<Filter> {
        match &self.tenants {
            Tenants::All => vec![self.filter.clone()],
            Tenants::Only(names) => {
                let of = |tenant| Filter {
                    tenant: Some(tenant),
                    ..self.filter.clone()
                };
                names.iter().copied().map(of).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use events_core::{Event, EventSinkExt as _, Filter, NoopSink, WireEvent};

    use super::Wanted;
    use crate::Tenants;

    fn event(tenant: &str) -> WireEvent {
        let event = Event::builder("1", "/here", "run.done").extension("tenantid", tenant);
        NoopSink
            .seal(vec![event.build().unwrap()])
            .remove(0)
            .unwrap()
    }

    #[test]
    fn the_filters_of_each_tenant_want_the_same_together() {
        let names = ["acme", "initech", "other"].map(|name| name.parse().unwrap());
        for wished in 0..=names.len() {
            let tenants = match wished {
                0 => Tenants::All,
                _ => Tenants::Only(names.iter().take(wished).copied().collect()),
            };
            let wanted = Wanted::new(Filter::default(), tenants);
            assert_eq!(wanted.filter.tenant.is_some(), wished == 1);
            for tenant in ["acme", "initech", "other", "single"] {
                let event = event(tenant);
                let each = wanted.each();
                let wanting = each
                    .iter()
                    .filter(|filter| filter.wants_event(Some(&event)));
                assert_eq!(
                    wanting.count(),
                    usize::from(wanted.wants_event(&event)),
                    "{tenant}"
                );
            }
        }
    }
}
