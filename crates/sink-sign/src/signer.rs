use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use events_core::subject::Routes;
use events_core::{
    Draft, ErrorKind, Event, Extension, ExtensionName, Problem, SinkError, TenantId, Violations,
};
use serde::Serialize;
use ulid::Ulid;

use crate::chain::{Chains, Numbered};
use crate::dsse::Writer;
use crate::voided::Voided;
use crate::{ProducerId, PublicKeys, Sign, attribute, digits};

/// Numbers and signs events. Pure but for its chains, and usable before any sink exists.
///
/// One signer is one run: its first number in each chain is 1, and a signer made later, from the
/// same key, starts chains of another run.
#[derive(Debug)]
pub struct Signer {
    key: Arc<dyn Sign>,
    routes: Routes,
    run: Ulid,
    chains: Mutex<Chains>,
    signed: AtomicU64,
}

/// How a [`Signer`] numbers.
#[derive(Clone, Debug)]
pub struct Config {
    /// Which route an event takes, since each route has its own chain. The same routes that lead
    /// to subjects.
    pub routes: Routes,
    /// How many chains are kept in memory before the longest idle ones are dropped, those with
    /// numbers left to declare last. A chain with events in flight is kept whatever the bound.
    /// What was left to declare is remembered for as many routes and tenants more.
    pub max_chains: usize,
}

/// What a signer says of itself, as in `GET /v1/status`.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct SignerStatus {
    /// The signing key's id.
    pub keyid: String,
    /// The run's ULID.
    pub run: String,
    /// How many chains are in memory.
    pub chains: usize,
    /// How many events it signed.
    pub signed: u64,
}

impl Signer {
    /// A signer that starts a new run.
    #[must_use]
    pub fn new(key: Arc<dyn Sign>, config: Config) -> Self {
        let run = Ulid::generate();
        let chains = Chains::new(key.key_id().clone(), run, config.max_chains);
        Self {
            key,
            routes: config.routes,
            run,
            chains: Mutex::new(chains),
            signed: AtomicU64::new(0),
        }
    }

    /// Numbers and signs each draft that is not refused yet. A refusal stays alone.
    ///
    /// Numbers are given in the drafts' order, all under one lock; signatures are made outside
    /// it. A draft is refused as `Invalid` when no route leads from its type or it is numbered
    /// already, and as `Unavailable` when the key cannot be used; the number it had taken by then
    /// is void and will be declared.
    pub fn sign(&self, drafts: &mut [Draft]) {
        let numbers: Vec<Option<Numbered>> = {
            let mut chains = self.chains();
            let mut place = String::new();
            let number = |draft: &mut Draft| {
                place.clear();
                match self.find_place(draft.as_mut().ok()?, &mut place) {
                    Ok(()) => Some(chains.number(&place)),
                    Err(found) => {
                        *draft = Err(SinkError::invalid(found));
                        None
                    }
                }
            };
            drafts.iter_mut().map(number).collect()
        };
        let mut writer = Writer::default();
        for (draft, numbered) in drafts.iter_mut().zip(numbers) {
            if let (Ok(event), Some(numbered)) = (&mut *draft, numbered) {
                number(event, numbered);
                let signed = self.seal(event, &mut writer);
                // Dropping the event drops its claim, which voids the number.
                *draft = match signed {
                    Ok(()) => continue,
                    Err(error) => Err(error),
                };
            }
        }
    }

    /// Signs an event that belongs to no chain, such as a receipt made at admission.
    ///
    /// It verifies like any other but proves nothing about events beside it.
    ///
    /// # Errors
    /// `Invalid` for an event that is numbered already, `Unavailable` when the key cannot be used.
    pub fn sign_unchained(&self, event: &mut Event) -> Result<(), SinkError> {
        refuse_numbered(event).map_err(SinkError::invalid)?;
        self.seal(event, &mut Writer::default())
    }

    /// Declares that an event's number is not to be expected where its chain is stored: the event
    /// was set aside, or died, or was dropped.
    ///
    /// `attributes` is an event that this signer or an earlier run sealed, and whose signature the
    /// caller has checked; its data does not matter. One without a chain and a number is ignored.
    /// What the event itself declared is declared anew. A later event of the same route and tenant
    /// says so in its `voidedsequences`, and each after it, until one that does is kept. To declare
    /// a number twice, or one that arrives all the same, does no harm.
    ///
    /// All this is in memory: declare again after a restart what may still be unsaid. It is
    /// bounded as the [crate's documentation](crate#what-an-event-says) tells.
    pub fn declare(&self, attributes: &Event) {
        let Some((producer, numbers)) = declared_with(attributes) else {
            return;
        };
        let mut chains = self.chains();
        chains.declare(&producer, &numbers.own);
        for (producer, numbers) in &numbers.elsewhere {
            chains.declare(producer, numbers);
        }
    }

    /// The signing key's id, the run, the number of chains and of signatures.
    #[must_use]
    pub fn status(&self) -> SignerStatus {
        SignerStatus {
            keyid: self.key.key_id().to_string(),
            run: self.run.to_string(),
            chains: self.chains().len(),
            signed: self.signed.load(Ordering::Relaxed),
        }
    }

    /// The public half of the signing key.
    #[must_use]
    pub fn public_keys(&self) -> PublicKeys {
        PublicKeys::of(&*self.key)
    }

    /// Appends the name of the event's chain within the run, and makes sure that the event names
    /// its tenant.
    fn find_place(&self, event: &mut Event, place: &mut String) -> Result<(), Violations> {
        refuse_numbered(event)?;
        let tenant = TenantId::named_by(event)?.unwrap_or_default();
        let route = self.routes.route_of(event)?;
        place.push_str(route.name());
        place.push('.');
        place.push_str(tenant.as_str());
        if event.extension(attribute::TENANT).is_none() {
            set(event, attribute::TENANT, tenant.as_str());
        }
        Ok(())
    }

    /// Adds `exacttime` and the material over everything that is there by now.
    fn seal(&self, event: &mut Event, writer: &mut Writer) -> Result<(), SinkError> {
        move_aside(event, attribute::MATERIAL, attribute::ORIGIN_MATERIAL);
        if let Some(time) = event.time().map(|time| Box::from(time.as_str())) {
            let name = ExtensionName::from_static(attribute::EXACT_TIME);
            event.set_extension(name, Extension::String(time));
        }
        let material = writer
            .attribute(event, &*self.key)
            .map_err(|cause| SinkError::caused(ErrorKind::Unavailable, "sign the event", cause))?;
        set(event, attribute::MATERIAL, material);
        self.signed.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn chains(&self) -> MutexGuard<'_, Chains> {
        self.chains.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Config {
    /// The built-in routes, 10,000 chains.
    fn default() -> Self {
        Self {
            routes: Routes::default(),
            max_chains: 10_000,
        }
    }
}

fn number(event: &mut Event, numbered: Numbered) {
    move_aside(event, attribute::SEQUENCE, attribute::ORIGIN_SEQUENCE);
    set(event, attribute::PRODUCER, numbered.producer.as_str());
    set(event, attribute::SEQUENCE, digits::write(numbered.sequence));
    set(event, attribute::SETTLED, digits::write(numbered.settled));
    if !numbered.voided.is_empty() {
        set(event, attribute::VOIDED, numbered.voided.to_string());
    }
    event.set_claim(numbered.claim);
}

/// The chain of a sealed event, and all that is not to be expected when the event is not: its own
/// number and those that it declares.
fn declared_with(event: &Event) -> Option<(ProducerId, Voided)> {
    let text = |name| event.extension(name)?.as_str();
    let producer = text(attribute::PRODUCER)?.parse().ok()?;
    let sequence = digits::read(text(attribute::SEQUENCE)?).filter(|number| *number > 0)?;
    let voided: Option<Voided> = text(attribute::VOIDED).and_then(|text| text.parse().ok());
    let mut numbers = voided.unwrap_or_default();
    numbers.own.remove_range(sequence, u64::MAX);
    numbers.own.insert(sequence);
    Some((producer, numbers))
}

fn refuse_numbered(event: &Event) -> Result<(), Violations> {
    match event.extension(attribute::PRODUCER) {
        None => Ok(()),
        Some(_) => {
            let problem = Problem::MustNot("be there before the event is signed");
            Err(Violations::one(attribute::PRODUCER, problem))
        }
    }
}

fn move_aside(event: &mut Event, from: &'static str, to: &'static str) {
    if let Some(value) = event.remove_extension(from) {
        event.set_extension(ExtensionName::from_static(to), value);
    }
}

fn set(event: &mut Event, name: &'static str, value: impl Into<Box<str>>) {
    let name = ExtensionName::from_static(name);
    event.set_extension(name, Extension::String(value.into()));
}
