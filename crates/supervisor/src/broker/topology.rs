use events_core::subject::Routes;
use streams::{Policy, Topology};

use crate::exit::{Exit, Failure};
use crate::settings::Settings;

/// The streams that the settings want, and what they are held against.
///
/// # Errors
/// [`Exit::Config`] with everything that is wrong with the declaration.
pub(super) fn topology(
    settings: &Settings,
    routes: &Routes,
) -> Result<(Topology, Policy), Failure> {
    let prefix = settings.subject_prefix.as_str();
    let wanted = &settings.streams;
    let declared = match &wanted.file {
        None => Topology::standard(prefix),
        Some(file) => {
            let text = std::fs::read_to_string(file.path()).map_err(|error| {
                Failure::new(Exit::Config, "read CONSIGN_STREAMS_FILE").because(error)
            })?;
            Topology::from_toml(&text)
        }
    };
    let topology = declared.and_then(|all| all.for_routes(routes));
    let topology = topology.map_err(|error| {
        Failure::new(Exit::Config, "use the streams that are declared")
            .because(error)
            .try_next("declare them in CONSIGN_STREAMS_FILE, or change CONSIGN_ROUTES")
    })?;
    let replicas = u8::try_from(wanted.replicas).unwrap_or(u8::MAX);
    let policy = Policy {
        audit_min_retention: wanted.audit_min_retention,
        max_message_bytes: settings.max_event_bytes.count() + SEALING,
        ..Policy::default()
    };
    let topology = topology
        .replicated(replicas)
        .retaining_audit(wanted.audit_min_retention);
    Ok((topology, policy))
}

/// What sealing and headers may add to an event.
const SEALING: u64 = 64 << 10;
