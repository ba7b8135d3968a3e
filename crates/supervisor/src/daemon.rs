//! The life of the daemon: up in order, down without losing anything.

use std::sync::Arc;
use std::time::Duration;

use events_bus::Bus;
use events_http::{DeadLetters, History, Ports, Server, Tail};
use events_runtime::Emitter;
use futures::future::{OptionFuture, join};
use tokio::sync::watch;
use tokio::time::Instant;
use tracing::{error, info, warn};

use crate::archive::Archive;
use crate::chain::Chain;
use crate::compose::{compose, routes};
use crate::custody::Custody;
use crate::data_dir::DataDir;
use crate::dead_letters::Spooled;
use crate::exit::{Exit, Failure};
use crate::figures::figures;
use crate::heard;
use crate::metrics::Metrics;
use crate::node::{self, Node};
use crate::readiness::Bounds;
use crate::reload::{Reload, tokens};
use crate::settings::{Settings, SinkKind};
use crate::signals::{Asked, Signals};
use crate::status::{Health, Phase};
use crate::stdin;
use crate::traces::Traces;

/// Runs the daemon until it is asked to stop or standard input ends.
///
/// # Errors
/// What kept it from starting, or from ending well.
pub async fn run(settings: Settings) -> Result<Exit, Failure> {
    let mut signals = Signals::listen()
        .map_err(|error| Failure::new(Exit::Failed, "listen for signals").because(error))?;
    let data = DataDir::open(&settings.data_dir)?;
    let routes = Arc::new(routes(&settings)?);
    let chain = compose(&settings, &routes).await?;
    info!(stack = %chain.sink, data = %data.path().display(), "chain");
    let bus = Bus::new(chain.sink.clone(), Arc::clone(&routes));
    let emitter = Emitter::new(Arc::new(bus.clone()), events_runtime::Config::default());
    let told = Arc::new(node::Counts::default());
    let mut all = figures(&chain);
    all.extend(heard::figures(&bus, &told));
    let metrics = Arc::new(Metrics::new(chain.end(), all));
    let health = Arc::new(Health::new(
        chain.clone(),
        bus.clone(),
        emitter.clone(),
        metrics.clone(),
        Bounds {
            ready: settings.http.ready_requires,
            waiting: settings.dlq.max_age,
            spool_bytes: settings.dlq.max_bytes.count(),
        },
    ));
    let tenant = settings.tenant_default;
    let traces = Traces::start(chain.end());
    let own = Custody::new(
        emitter.clone(),
        routes,
        tenant,
        metrics.clone(),
        traces.clone(),
    );
    let name = settings.node.name.as_ref();
    let custody = own.reserving(name.map(|name| name.origin().source()));

    let archive = chain.archive(&settings, &bus).map(Arc::new);
    let server = bind(&settings, &chain, archive, &custody, &health, &metrics).await?;
    info!(addr = %server.local_addr(), "listening");
    let reload = Reload::new(chain.clone(), server.keyring());
    health.enter(Phase::Running);
    let capabilities = chain.capabilities(&settings);
    let node = Node::join(&settings.node, own, health.clone(), told, capabilities);
    let (stop, stopped) = watch::channel(false);
    let mut waiting = stopped.clone();
    let serving = tokio::spawn(server.serve(async move {
        // An error means that the sender is gone, which asks for the same.
        let _asked = waiting.wait_for(|stop| *stop).await;
    }));

    let reading = async {
        if settings.stdin {
            stdin::run(&custody, &metrics, settings.max_event_bytes.as_len()).await
        } else {
            std::future::pending().await
        }
    };
    let (exit, reason) = tokio::select! {
        read = reading => match read {
            Ok(0) => (Exit::Done, "standard input ended"),
            Ok(_) => (Exit::Failed, "standard input ended"),
            Err(error) => {
                error!(%error, "standard input cannot be read");
                (Exit::Failed, "standard input cannot be read")
            }
        },
        why = broker_gone(&chain) => {
            error!(why, "the client gave up on the broker; a restart begins anew");
            (Exit::Unreachable, "the client gave up on the broker")
        }
        () = asked_to_stop(&mut signals, &reload) => (Exit::Done, "asked to stop"),
    };
    let leaving = node.map(|node| node.leave(reason));
    health.enter(Phase::Stopping);
    info!("stopping");
    stop.send_replace(true);
    let last = async {
        // What it tells last is handed over before the emitter takes no more.
        let (served, _left) = join(serving, OptionFuture::from(leaving)).await;
        served
    };
    let ending = end(last, &emitter, &chain, &traces, settings.shutdown_grace);
    tokio::select! {
        ended = ending => Ok(if ended { exit } else { Exit::Failed }),
        () = asked_to_stop(&mut signals, &reload) => {
            warn!("asked twice to stop: stopping at once");
            Ok(Exit::Failed)
        }
    }
}

/// Waits until the broker's client gives up, where there is one that events need.
async fn broker_gone(chain: &Chain) -> String {
    match chain
        .broker
        .as_ref()
        .filter(|_| chain.needs(SinkKind::JetStream))
    {
        Some(broker) => broker.gone().await,
        None => std::future::pending().await,
    }
}

async fn asked_to_stop(signals: &mut Signals, reload: &Reload) {
    while signals.next().await == Asked::Reload {
        reload.now();
    }
}

/// Finishes requests, then queued events, then the files. False when not all of it was done.
async fn end<T>(
    serving: impl Future<Output = T>,
    emitter: &Emitter,
    chain: &Chain,
    traces: &Traces,
    grace: Duration,
) -> bool {
    let deadline = Instant::now() + grace;
    let _hold = chain.hold_after(PATIENCE.min(grace / 4));
    let served = tokio::time::timeout_at(deadline, serving).await.is_ok();
    let left = deadline.saturating_duration_since(Instant::now());
    let drained = emitter.shutdown(left).await;
    if !served || !drained {
        error!(
            unanswered = emitter.counts().unanswered,
            "the grace was too short for everything in work"
        );
    }
    let left = deadline.saturating_duration_since(Instant::now());
    let closed = chain.close(left).await;
    // Last, since nothing is lost with them but themselves.
    let left = deadline.saturating_duration_since(Instant::now());
    traces.stop(left.min(LAST_TRACES)).await;
    served && drained && closed
}

async fn bind(
    settings: &Settings,
    chain: &Chain,
    archive: Option<Arc<Archive>>,
    custody: &Custody,
    health: &Arc<Health>,
    metrics: &Arc<Metrics>,
) -> Result<Server, Failure> {
    let tokens = tokens(&settings.http)?;
    if tokens.is_empty() && !settings.http.addr.ip().is_loopback() {
        warn!(addr = %settings.http.addr, "anyone who reaches this address can hand over events");
    }
    let mut config = events_http::Config::new(settings.http.addr);
    config.tokens = tokens;
    config.insecure = settings.http.insecure;
    config.limits.max_body = settings.http.max_body.as_len();
    config.limits.max_batch = settings.http.max_batch;
    config.limits.max_event = settings.max_event_bytes.as_len();
    config.limits.max_buffered = config.limits.max_buffered.max(4 * config.limits.max_body);
    config.limits.sse_max_clients = settings.console.sse_max_clients;
    config.limits.sse_buffer = settings.console.sse_buffer;
    // The rest of the grace is for what was handed over by then.
    config.limits.shutdown_grace = settings.shutdown_grace * 3 / 4;
    let ports = Ports {
        intake: Arc::new(custody.clone()),
        status: health.clone(),
        observer: metrics.clone(),
        dead_letters: Spooled::of(chain.spools())
            .map(|spools| Arc::new(spools) as Arc<dyn DeadLetters>),
        history: archive.clone().map(|archive| archive as Arc<dyn History>),
        tail: archive.map(|archive| archive as Arc<dyn Tail>),
    };
    Server::bind(config, ports).await.map_err(|error| {
        Failure::new(Exit::Failed, "start the HTTP server")
            .because(error)
            .try_next("set CONSIGN_HTTP_ADDR to a free address such as 127.0.0.1:0")
    })
}

/// How long a stop waits for a broker before what is left goes to the spool.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long a stop waits for whoever collects traces.
const LAST_TRACES: Duration = Duration::from_secs(3);
