mod branch;
mod child;
mod inbox;
mod ledger;
mod round;
mod trouble;
mod verdict;

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use events_core::{Draft, ErrorKind, EventSink, Outcome, SinkError, WireEvent};

use self::branch::Branch;
pub use self::child::{Child, ChildStatus, Need};
use self::ledger::Ledger;
use self::round::Round;

/// Gives every event to several sinks at once.
///
/// All children get the same bytes: each prepares the events, one after another in the order
/// given, and a refusal by any of them, whatever its need, refuses the event. Their deliveries run
/// side by side, each within its child's own deadline, so a child that hangs or panics holds up
/// nobody beyond that. Children must not block their thread.
///
/// An event is `Ok` once every [required](Need::Required) child has it and, where there are
/// [one-of](Need::OneOf) children, at least one of those. The outcome is that of the first
/// required child, else of the first one-of child that has it. Where several children fail it, a
/// transient error comes first, so that a retry reaches those that can still have the event.
///
/// What one child has is not sent to it again because another failed: of an event that failed it
/// is remembered, for the latest 4,096 of them and 16 MiB, which children have it, and when the
/// same bytes come again only the others get them.
///
/// What comes again while it is still on its way to a child is sent to it once more: sinks store an
/// identity once.
///
/// A signer's number is kept once a required or a one-of child has its event, and not by what a
/// best-effort child has. So the record of a required child can be judged alone; what best-effort
/// and one-of children miss are holes in theirs. A child that keeps nothing, such as a log,
/// answers `Ok` always: make it best-effort.
///
/// A delivery that an answer does not wait for goes on in the background until its child's
/// deadline, also when the caller goes away. A child that lags behind by more than 4,096 events or
/// 16 MiB is passed over, as `Saturated`, until it catches up.
///
/// Clones share everything, so a host can keep one to ask for the [`status`](Self::status) of a
/// fan-out deep in a stack. Needs a Tokio runtime with time enabled.
#[derive(Clone, Debug)]
pub struct Fanout {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    branches: Vec<Arc<Branch>>,
    ledger: Ledger,
}

impl Fanout {
    /// A fan-out to `children`, the most important first.
    ///
    /// # Errors
    /// `Config` where no child is required or one-of, for then an `Ok` would mean nothing, and
    /// where two children have the same name.
    pub fn new(children: Vec<Child>) -> Result<Self, SinkError> {
        let decides = |child: &Child| child.need != Need::BestEffort;
        if !children.iter().any(decides) {
            let doing = "find a required or a one-of child to fan out to";
            return Err(SinkError::new(ErrorKind::Config, doing));
        }
        let mut names = HashSet::new();
        if !children.iter().all(|child| names.insert(&child.name)) {
            let doing = "tell the children of a fan-out apart by their names";
            return Err(SinkError::new(ErrorKind::Config, doing));
        }
        let branches = children.into_iter().map(Branch::new).map(Arc::new);
        let shared = Shared {
            branches: branches.collect(),
            ledger: Ledger::default(),
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// How each child is doing, in the order given.
    #[must_use]
    pub fn status(&self) -> Vec<ChildStatus> {
        let branches = self.shared.branches.iter();
        branches.map(|branch| branch.status()).collect()
    }

    /// Waits until no child lags: until each has answered what it was sent, or its deadline is
    /// over. For a stop, when nothing is delivered any more.
    ///
    /// # Cancel safety
    /// It only waits.
    pub async fn settled(&self) {
        for branch in &self.shared.branches {
            branch.settled().await;
        }
    }
}

#[async_trait]
impl EventSink for Fanout {
    fn prepare(&self, drafts: &mut [Draft]) {
        for branch in &self.shared.branches {
            branch.sink().prepare(drafts);
        }
    }

    async fn deliver(&self, events: &[WireEvent]) -> Vec<Result<Outcome, SinkError>> {
        if events.is_empty() {
            return Vec::new();
        }
        let mut round = Round::new(self.shared.clone(), events);
        round.begin().await;
        round.results().await
    }
}

/// `fanout(a, b)`, of what the children's sinks print.
impl fmt::Display for Fanout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("fanout(")?;
        for (position, branch) in self.shared.branches.iter().enumerate() {
            let separator = if position == 0 { "" } else { ", " };
            write!(f, "{separator}{}", branch.sink())?;
        }
        f.write_str(")")
    }
}
