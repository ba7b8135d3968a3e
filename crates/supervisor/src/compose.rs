//! The one place where the order of sinks is decided.
//!
//! Sinks nest so that `prepare` runs from the inside out and `deliver` from the outside in:
//! `sign(redact(journal))` redacts, then signs, then stores. Turned round, `redact(sign(journal))`
//! would sign first and then change what was signed: every event would fail to verify.

use std::sync::Arc;

use events_core::subject::Routes;
use events_core::{EventSink, NoopSink};
use sink_jsonl::{Journal, JsonlSink};
use sink_redact::{RedactSink, Redactor, TokenKey};
use sink_sign::{SignSink, Signer};
use tracing::warn;

use crate::exit::{Exit, Failure};
use crate::settings::{RedactMode, Settings, SignMode, SinkKind};
use crate::{journal, keys, redaction};

/// The chain, and the parts of it that tell how they are.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    /// The whole stack.
    pub(crate) sink: Arc<dyn EventSink>,
    /// Its journal, where it ends in one.
    pub(crate) journal: Option<Journal>,
    /// Its redactor, where it has one.
    pub(crate) redactor: Option<Arc<Redactor>>,
    /// Its signer, where it has one.
    pub(crate) signer: Option<Arc<Signer>>,
}

/// Composes the chain that `settings` ask for, making keys and journal where they are missing.
///
/// # Errors
/// What cannot be opened or used: keys, rules, the journal.
pub(crate) fn compose(settings: &Settings, routes: &Routes) -> Result<Chain, Failure> {
    let redactor = redaction::redactor(settings)?.map(Arc::new);
    let signer = keys::signer(settings, routes)?.map(Arc::new);
    let journal = match leaf(settings) {
        SinkKind::Noop => {
            warn!("events are accepted and forgotten: the sink is noop");
            None
        }
        _ => Some(journal::open(settings)?),
    };
    let mut sink: Arc<dyn EventSink> = match &journal {
        Some(journal) => Arc::new(JsonlSink::new(journal.clone())),
        None => Arc::new(NoopSink),
    };
    if let Some(redactor) = &redactor {
        sink = Arc::new(RedactSink::new(sink, redactor.clone()));
    }
    if let Some(signer) = &signer {
        sink = Arc::new(SignSink::new(sink, signer.clone()));
    }
    Ok(Chain {
        sink,
        journal,
        redactor,
        signer,
    })
}

/// Checks what `settings` name without making or opening anything that stays: the key, the rules,
/// the routes.
///
/// # Errors
/// The first that cannot be used.
pub fn check(settings: &Settings) -> Result<(), Failure> {
    routes(settings)?;
    if settings.sign.mode != SignMode::Off {
        keys::configured(settings)?;
    }
    if settings.redact.mode != RedactMode::Off {
        redaction::with_key(settings, TokenKey::new([0; 32]))?;
    }
    Ok(())
}

/// The routes that `settings` ask for.
///
/// # Errors
/// [`Exit::Config`] for a template that cannot be used.
pub(crate) fn routes(settings: &Settings) -> Result<Routes, Failure> {
    settings.routing().map_err(|error| {
        Failure::new(Exit::Config, "use CONSIGN_SUBJECT or CONSIGN_ROUTES").because(error)
    })
}

/// The stack that `settings` ask for, as one string, without opening anything.
#[must_use]
pub fn stack(settings: &Settings) -> String {
    let mut stack = match leaf(settings) {
        SinkKind::Noop => "noop".to_owned(),
        _ => "journal".to_owned(),
    };
    if settings.redact.mode != RedactMode::Off {
        stack = format!("redact({stack})");
    }
    if settings.sign.mode != SignMode::Off {
        stack = format!("sign({stack})");
    }
    stack
}

/// Where the chain ends. The settings refuse the sinks that this build lacks.
fn leaf(settings: &Settings) -> SinkKind {
    settings
        .sinks()
        .into_iter()
        .next()
        .unwrap_or(SinkKind::Journal)
}
