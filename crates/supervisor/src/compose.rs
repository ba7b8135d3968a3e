//! The one place where the order of sinks is decided.
//!
//! Sinks nest so that `prepare` runs from the inside out and `deliver` from the outside in:
//! `dlq(sign(redact(jetstream)))` redacts, then signs, then hands the same bytes to the broker,
//! and if that fails, to the spool. Turned round, `redact(sign(…))` would sign first and then
//! change what was signed: every event would fail to verify.
//!
//! Several sinks stand in a fan-out inside of both, so that all get the same bytes, and each that
//! can be away has a spool of its own: `sign(redact(fanout(dlq(jetstream), dlq(store), log)))`.

use std::sync::Arc;

use events_core::EventSink;
use events_core::subject::Routes;
use events_runtime::{Child, Fanout};
use sink_dlq::{Dlq, DlqSink, Spool};
use sink_redact::{RedactSink, Redactor, TokenKey};
use sink_sign::{SignSink, Signer};
use tracing::warn;

use crate::chain::{Chain, Lane};
use crate::exit::{Exit, Failure};
use crate::leaf::{Ends, Leaf};
use crate::plan::{Branch, Plan};
use crate::settings::{RedactMode, Settings, SignMode, SinkKind};
use crate::within::Within;
use crate::{keys, redaction, spool, store};

/// Composes the chain that `settings` ask for, making keys, journal and spools where they are
/// missing, and starts what works in its background.
///
/// # Errors
/// What cannot be opened or used: keys, rules, files; a broker that must be there and is not.
pub(crate) async fn compose(settings: &Settings, routes: &Arc<Routes>) -> Result<Chain, Failure> {
    let plan = Plan::of(settings);
    spool::tell_of_unused(settings, &plan.branches);
    composed(settings, routes, plan).await
}

/// Composes the chain of `plan`.
///
/// # Errors
/// As [`compose`].
pub(crate) async fn composed(
    settings: &Settings,
    routes: &Arc<Routes>,
    plan: Plan,
) -> Result<Chain, Failure> {
    let redactor = redaction::redactor(settings)?.map(Arc::new);
    let signer = keys::signer(settings, routes)?.map(Arc::new);
    let keys = keys::trusted(settings, signer.as_deref())?;
    let wrap = Wrap {
        redactor: redactor.clone(),
        signer: signer.clone(),
    };
    let config = |branch: &Branch| {
        let patience = branch.order_patience();
        spool::config(settings, routes, signer.as_ref(), keys.clone(), patience)
    };
    let stack = plan.to_string();
    let mut ends = Ends::default();
    let mut lanes = Vec::new();
    let mut children = Vec::new();
    let mut leaves = Vec::new();
    for branch in plan.branches {
        let leaf = ends.open(settings, routes, &branch.end).await?;
        leaves.extend(leaf.map(|leaf| (branch, leaf)));
    }
    let stands_alone = leaves.len() == 1;
    for (branch, Leaf { sink, keeps }) in leaves {
        let place = branch.spool.as_ref().filter(|_| keeps);
        let spool = place
            .map(|place| spool::open(settings, place))
            .transpose()?;
        let sink = match stands_alone {
            true => wrap.around(sink),
            false => Arc::new(Within::new(branch.deadline, sink)),
        };
        let (sink, dlq) = spooled(sink, spool, config(&branch));
        children.push(Child {
            name: branch.end.name().to_owned(),
            sink,
            need: branch.need,
            deadline: branch.whole_deadline(),
        });
        lanes.push(Lane { branch, keeps, dlq });
    }
    if !lanes.iter().any(|lane| lane.keeps) {
        warn!(stack, "events are accepted and forgotten");
    }
    let (sink, fanout) = match <[Child; 1]>::try_from(children) {
        Ok([alone]) => (alone.sink, None),
        Err(children) => {
            let fanout = Fanout::new(children)
                .map_err(|error| Failure::new(Exit::Config, "use CONSIGN_SINK").because(error))?;
            (wrap.around(Arc::new(fanout.clone())), Some(fanout))
        }
    };
    let Ends {
        journal,
        mirror,
        broker,
        store,
        kubernetes,
    } = ends;
    Ok(Chain {
        sink,
        lanes,
        journal,
        mirror,
        broker,
        store,
        kubernetes,
        fanout,
        redactor,
        signer,
    })
}

/// What brings events into the form that leaves, in its order.
struct Wrap {
    redactor: Option<Arc<Redactor>>,
    signer: Option<Arc<Signer>>,
}

impl Wrap {
    fn around(&self, mut sink: Arc<dyn EventSink>) -> Arc<dyn EventSink> {
        if let Some(redactor) = self.redactor.clone() {
            sink = Arc::new(RedactSink::new(sink, redactor));
        }
        if let Some(signer) = self.signer.clone() {
            sink = Arc::new(SignSink::new(sink, signer));
        }
        sink
    }
}

/// With the spool around it, where there is one, and its redriver started.
fn spooled(
    sink: Arc<dyn EventSink>,
    spool: Option<Spool>,
    config: sink_dlq::Config,
) -> (Arc<dyn EventSink>, Option<Dlq>) {
    let Some(spool) = spool else {
        return (sink, None);
    };
    let sink = DlqSink::new(sink, spool, config);
    sink.start();
    let handle = sink.handle();
    (Arc::new(sink), Some(handle))
}

/// Checks what `settings` name without making or opening anything that stays: the key, the rules,
/// the routes.
///
/// # Errors
/// The first that cannot be used.
pub fn check(settings: &Settings) -> Result<(), Failure> {
    routes(settings)?;
    if settings.sink_kinds().contains(&SinkKind::Store) {
        store::url(settings)?;
    }
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
    Plan::of(settings).to_string()
}
