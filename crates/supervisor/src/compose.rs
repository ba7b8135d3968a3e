//! The one place where the order of sinks is decided.
//!
//! Sinks nest so that `prepare` runs from the inside out and `deliver` from the outside in:
//! `dlq(sign(redact(jetstream)))` redacts, then signs, then hands the same bytes to the broker,
//! and if that fails, to the spool. Turned round, `redact(sign(…))` would sign first and then
//! change what was signed: every event would fail to verify.

use std::sync::Arc;
use std::time::Duration;

use events_bus::Bus;
use events_core::subject::Routes;
use events_core::{EventSink, chained};
use events_runtime::{Child, Fanout, Need};
use sink_dlq::{Dlq, DlqSink, Spool};
use sink_jsonl::history::History;
use sink_jsonl::{Journal, JsonlSink};
use sink_redact::{RedactSink, Redactor, TokenKey};
use sink_sign::{SignSink, Signer};
use sink_store::Store;
use tokio::task::JoinSet;
use tracing::error;

use crate::archive::{Archive, Place};
use crate::broker::Broker;
use crate::exit::{Exit, Failure};
use crate::leaf::{Leaf, leaf};
use crate::settings::{DlqMode, RedactMode, Settings, SignMode, SinkKind};
use crate::{journal, keys, redaction, spool, store};

/// The chain, and the parts of it that tell how they are.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    /// The whole stack.
    pub(crate) sink: Arc<dyn EventSink>,
    /// Its journal, where it ends in one.
    pub(crate) journal: Option<Journal>,
    /// The journal beside its end, where it has one.
    pub(crate) mirror: Option<Journal>,
    /// The broker, where it ends in one.
    pub(crate) broker: Option<Broker>,
    /// The store, where it ends in one.
    pub(crate) store: Option<Store>,
    /// Its spool, where it has one.
    pub(crate) dlq: Option<Dlq>,
    /// Its redactor, where it has one.
    pub(crate) redactor: Option<Arc<Redactor>>,
    /// Its signer, where it has one.
    pub(crate) signer: Option<Arc<Signer>>,
}

/// Composes the chain that `settings` ask for, making keys, journal and spool where they are
/// missing, and starts what works in its background.
///
/// # Errors
/// What cannot be opened or used: keys, rules, files; a broker that must be there and is not.
pub(crate) async fn compose(settings: &Settings, routes: &Arc<Routes>) -> Result<Chain, Failure> {
    let redactor = redaction::redactor(settings)?.map(Arc::new);
    let signer = keys::signer(settings, routes)?.map(Arc::new);
    let mirror = journal::mirror(settings)?;
    let Leaf {
        sink,
        journal,
        broker,
        store,
        forgets,
    } = leaf(settings, routes, kind(settings)).await?;
    let spool = if forgets {
        None
    } else {
        spool::open(settings)?
    };
    let wrap = Wrap {
        redactor: redactor.clone(),
        signer: signer.clone(),
    };
    let keys = keys::trusted(settings, signer.as_deref())?;
    let config = spool::config(settings, routes, signer.as_ref(), keys);
    let (sink, dlq) = match &mirror {
        None => spooled(wrap.around(sink), spool, config),
        Some(mirror) => {
            let (sink, dlq) = spooled(sink, spool, config);
            (wrap.around(mirrored(sink, mirror)?), dlq)
        }
    };
    Ok(Chain {
        sink,
        journal,
        mirror,
        broker,
        store,
        dlq,
        redactor,
        signer,
    })
}

impl Chain {
    /// What it stored, where that can be read, with what `bus` hears of it.
    pub(crate) fn archive(&self, settings: &Settings, bus: &Bus) -> Option<Archive> {
        let place = match (&self.broker, &self.journal, &self.store) {
            (Some(broker), _, _) => Place::Streams(Arc::new(broker.clone())),
            (None, Some(_), _) => {
                let routes = routes(settings).ok()?;
                Place::Journal(History::new(settings.journal_dir(), routes))
            }
            (None, None, Some(store)) => {
                let routes = routes(settings).ok()?;
                Place::Store(sink_store::History::new(store.clone(), routes))
            }
            (None, None, None) => return None,
        };
        Some(Archive::new(place, bus.clone()))
    }

    /// Where it ends, as metrics name it.
    pub(crate) fn end(&self) -> &'static str {
        match (&self.broker, &self.journal, &self.store) {
            (Some(_), _, _) => "jetstream",
            (None, Some(_), _) => "journal",
            (None, None, Some(_)) => "store",
            (None, None, None) => "noop",
        }
    }

    /// Every journal it writes.
    pub(crate) fn journals(&self) -> impl Iterator<Item = &Journal> {
        self.journal.iter().chain(&self.mirror)
    }

    /// Gives up on a broker that does not answer, some time from now, so that a stop is quick:
    /// what is left goes to the spool. Not any more once the returned guard is dropped.
    pub(crate) fn hold_after(&self, patience: Duration) -> Option<JoinSet<()>> {
        self.broker.as_ref()?;
        let dlq = self.dlq.clone()?;
        let mut waiting = JoinSet::new();
        waiting.spawn(async move {
            tokio::time::sleep(patience).await;
            dlq.hold();
        });
        Some(waiting)
    }

    /// Closes spool and journals. Whether all of them closed well.
    pub(crate) async fn close(&self) -> bool {
        let mut well = true;
        if let Some(dlq) = &self.dlq
            && let Err(error) = dlq.close().await
        {
            error!(error = %chained(&error), "the spool did not close well");
            well = false;
        }
        if let Some(store) = &self.store
            && let Err(error) = store.close().await
        {
            error!(error = %chained(&error), "the store did not close well");
            well = false;
        }
        for journal in self.journals() {
            if let Err(error) = journal.close().await {
                error!(error = %chained(&error), "the journal did not close well");
                well = false;
            }
        }
        well
    }
}

/// What brings events into the form that leaves, in its order.
struct Wrap {
    redactor: Option<Arc<Redactor>>,
    signer: Option<Arc<Signer>>,
}

impl Wrap {
    fn around(self, mut sink: Arc<dyn EventSink>) -> Arc<dyn EventSink> {
        if let Some(redactor) = self.redactor {
            sink = Arc::new(RedactSink::new(sink, redactor));
        }
        if let Some(signer) = self.signer {
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

/// With a journal beside it that gets every event too.
///
/// # Errors
/// None: the two have different names, and one is required.
fn mirrored(sink: Arc<dyn EventSink>, mirror: &Journal) -> Result<Arc<dyn EventSink>, Failure> {
    let child = |name: &str, sink, need| Child {
        name: name.to_owned(),
        sink,
        need,
        deadline: CHILD_DEADLINE,
    };
    let journal: Arc<dyn EventSink> = Arc::new(JsonlSink::new(mirror.clone()));
    let fanout = Fanout::new(vec![
        child("primary", sink, Need::Required),
        child("mirror", journal, Need::BestEffort),
    ]);
    let fanout = fanout.map_err(|error| Failure::new(Exit::Config, "mirror").because(error))?;
    Ok(Arc::new(fanout))
}

/// Checks what `settings` name without making or opening anything that stays: the key, the rules,
/// the routes.
///
/// # Errors
/// The first that cannot be used.
pub fn check(settings: &Settings) -> Result<(), Failure> {
    routes(settings)?;
    if kind(settings) == SinkKind::Store {
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
    let kind = kind(settings);
    let wrapped = |inner: String| {
        let mut stack = inner;
        if settings.redact.mode != RedactMode::Off {
            stack = format!("redact({stack})");
        }
        if settings.sign.mode != SignMode::Off {
            stack = format!("sign({stack})");
        }
        stack
    };
    let spooled = |inner: String| match settings.dlq.mode {
        DlqMode::File if !matches!(kind, SinkKind::Noop | SinkKind::Log) => format!("dlq({inner})"),
        _ => inner,
    };
    if settings.journal.mirror_path.is_some() {
        wrapped(format!("fanout({}, journal)", spooled(kind.to_string())))
    } else {
        spooled(wrapped(kind.to_string()))
    }
}

/// Where the chain ends. The settings refuse the sinks that this build lacks.
fn kind(settings: &Settings) -> SinkKind {
    settings
        .sinks()
        .into_iter()
        .next()
        .unwrap_or(SinkKind::Journal)
}

/// Longer than any child waits for its own destination.
const CHILD_DEADLINE: Duration = Duration::from_secs(30);
