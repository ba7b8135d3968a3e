use events_core::{ErrorKind, Event, Extension, ExtensionName, SinkError, TenantId};
use thiserror::Error;

use super::Tenants;

/// An event that the token is not good for.
#[derive(Clone, Copy, Debug, Error)]
pub(crate) enum Foreign {
    #[error("the token is not good for events of this tenant")]
    Tenant,
    #[error("the token is good for some tenants alone, and the event names none in tenantid")]
    Unnamed,
}

/// Refuses an event that belongs to none of `tenants`. An event that names no tenant belongs to
/// the only one there is, and says so from then on.
pub(crate) fn confine(mut event: Event, tenants: &Tenants) -> Result<Event, SinkError> {
    let Tenants::Only(names) = tenants else {
        return Ok(event);
    };
    let refused = |cause| {
        Err(SinkError::caused(
            ErrorKind::Rejected,
            "accept the event",
            cause,
        ))
    };
    match TenantId::named_by(&event).map_err(SinkError::invalid)? {
        Some(tenant) if names.contains(&tenant) => Ok(event),
        Some(_) => refused(Foreign::Tenant),
        None => match tenants.only() {
            Some(only) => {
                let name = const { ExtensionName::from_static(TenantId::ATTRIBUTE) };
                event.set_extension(name, Extension::String(only.as_str().into()));
                Ok(event)
            }
            None => refused(Foreign::Unnamed),
        },
    }
}
