//! How the sinks of a chain and their spools do, for `/v1/status`.

use events_runtime::Fanout;
use serde_json::{Map, Value, json};
use sink_dlq::{DlqStatus, RedriverState, State};
use sink_k8s::Dropped;

use crate::chain::Chain;
use crate::dead_letters::totals;
use crate::spool::Waiting;

/// What became of events at each sink, where they are several.
pub(crate) fn sinks(chain: &Chain) -> Vec<Value> {
    let children = chain.fanout.as_ref().map(Fanout::status);
    let spools = chain.spools();
    let said = children.iter().flatten().map(|child| {
        let own = spools.iter().filter(|spool| spool.sink == child.name);
        let own: Vec<Waiting> = own.cloned().collect();
        let spool = (!own.is_empty()).then(|| spooled(&own));
        json!({
            "name": child.name,
            "need": child.need.to_string(),
            "delivered": child.delivered,
            "spilled": child.spilled,
            "failed": child.failed,
            "kept": child.kept,
            "lagging": child.lagging,
            "spool": spool,
        })
    });
    said.collect()
}

/// What Kubernetes was told, where it is.
pub(crate) fn kubernetes(chain: &Chain) -> Option<Value> {
    let counts = chain.kubernetes.as_ref()?.counts();
    let dropped = Dropped::ALL.map(|why| (why.as_str().to_owned(), counts.dropped_for(why).into()));
    Some(json!({
        "created": counts.created,
        "repeated": counts.repeated,
        "updated": counts.updated,
        "failures": counts.failures,
        "dropped": Map::from_iter(dropped),
    }))
}

/// What spools hold together. Of several, the one that is worst off says how it is.
pub(crate) fn spooled(spools: &[Waiting]) -> Value {
    let held = totals(spools.iter().map(|spool| &spool.dlq));
    let statuses: Vec<DlqStatus> = spools.iter().map(|spool| spool.dlq.status()).collect();
    let each = || statuses.iter().map(|status| &status.spool);
    let quarantined: usize = each().map(|spool| spool.quarantine.ranges).sum();
    let worst = each().map(|spool| &spool.state);
    let worst = worst.max_by_key(|state| !matches!(state, State::Ok));
    let (state, reason) = match worst {
        None => (None, None),
        Some(State::Ok) => (Some("ok"), None),
        Some(State::Failed { reason }) => (Some("failed"), Some(reason.clone())),
        Some(_) => (Some("closed"), None),
    };
    let redrivers = statuses.iter().map(|status| status.redriver.state);
    let redriver = redrivers.max_by_key(|state| *state == RedriverState::WaitingForDestination);
    json!({
        "state": state,
        "reason": reason,
        "waiting": held.waiting,
        "set_aside": held.set_aside,
        "dead": held.dead,
        "bytes": held.bytes,
        "oldest_age_s": held.oldest_age_s,
        "redriver": redriver.map(RedriverState::as_str),
        "quarantined": quarantined,
    })
}
