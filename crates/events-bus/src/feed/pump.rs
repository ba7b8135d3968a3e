use std::sync::{Arc, Weak};
use std::time::Duration;

use events_core::subject::{Routes, SubjectPattern};
use events_core::{ErrorKind, SinkError};
use futures::future::try_join_all;
use futures::stream::{BoxStream, StreamExt as _, select_all};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};
use tracing::{info, warn};

use super::{Fed, Feed};
use crate::Heard;
use crate::publish::Registry;

/// Refuses patterns that would bring an event twice, or none.
pub(crate) fn check(patterns: &[SubjectPattern]) -> Result<(), SinkError> {
    if patterns.is_empty() {
        let doing = "find a pattern that a feed is to bring";
        return Err(SinkError::new(ErrorKind::Config, doing));
    }
    let mut rest = patterns;
    while let [first, others @ ..] = rest {
        if others.iter().any(|other| overlap(first, other)) {
            let doing = "tell the patterns of a feed apart: two share a subject";
            return Err(SinkError::new(ErrorKind::Config, doing));
        }
        rest = others;
    }
    Ok(())
}

/// Takes what a feed brings to the subscribers.
pub(crate) struct Carrier {
    /// The subscribers, as long as there are any to come.
    pub(crate) registry: Weak<Registry>,
    /// What says whose subject is whose.
    pub(crate) routes: Arc<Routes>,
    /// Whether the feed is open.
    pub(crate) open: watch::Sender<bool>,
}

/// Carries what the feed brings to the subscribers, until they are gone.
pub(crate) async fn pump(feed: Arc<dyn Feed>, patterns: Vec<SubjectPattern>, carrier: Carrier) {
    let mut pause = FIRST_PAUSE;
    loop {
        let begun = Instant::now();
        match follow(&*feed, &patterns).await {
            Ok(fed) => {
                info!(patterns = patterns.len(), "the bus is attached");
                if !carrier.carry(fed).await {
                    return;
                }
                warn!("the feed of the bus broke off");
            }
            Err(error) => warn!(?error, "the feed of the bus cannot begin"),
        }
        if begun.elapsed() > LONGEST_PAUSE {
            pause = FIRST_PAUSE;
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

impl Carrier {
    /// Carries one open feed to its end. False once there are no subscribers to come.
    async fn carry(&self, mut fed: BoxStream<'static, Fed>) -> bool {
        if let Some(registry) = self.registry.upgrade() {
            // Who subscribed while nothing came may have missed something.
            registry.tell_break();
        }
        self.open.send_replace(true);
        while let Some(fed) = fed.next().await {
            let Some(registry) = self.registry.upgrade() else {
                return false;
            };
            self.give(fed, &registry);
        }
        self.open.send_replace(false);
        if let Some(registry) = self.registry.upgrade() {
            registry.break_off();
        }
        true
    }

    fn give(&self, fed: Fed, registry: &Registry) {
        match fed {
            Fed::Event(heard) if self.is_misplaced(&heard) => {
                if registry.counters.misplaced.note() {
                    let msg_id = heard.event().message_id();
                    warn!(%msg_id, "an event of the feed came on a subject that is not its own");
                }
            }
            Fed::Event(heard) => registry.publish_at_once(&heard),
            Fed::Break => registry.break_off(),
            Fed::Undecodable => {
                if registry.counters.undecodable.note() {
                    warn!("a message of the feed is no sealed event");
                }
            }
        }
    }

    /// Whether it came on another subject than its own. Whoever may publish on some subjects must
    /// not be heard on those of others, another tenant's above all.
    fn is_misplaced(&self, heard: &Heard) -> bool {
        let own = self.routes.resolve(heard.event().attributes());
        own.map_or(true, |(_, subject)| subject != *heard.subject())
    }
}

async fn follow(
    feed: &dyn Feed,
    patterns: &[SubjectPattern],
) -> Result<BoxStream<'static, Fed>, SinkError> {
    let streams = try_join_all(patterns.iter().map(|pattern| feed.follow(pattern))).await?;
    // One that ends ends them all: nobody is to hear some patterns and not others.
    let ended = |stream: BoxStream<'static, Fed>| {
        let items = stream.map(Some);
        items.chain(futures::stream::iter([None]))
    };
    let all = select_all(streams.into_iter().map(|stream| ended(stream).boxed()));
    let open = all.take_while(|fed| std::future::ready(fed.is_some()));
    Ok(open.filter_map(std::future::ready).boxed())
}

/// Whether there is a subject that both stand for.
fn overlap(one: &SubjectPattern, other: &SubjectPattern) -> bool {
    let mut one = one.as_str().split('.');
    let mut other = other.as_str().split('.');
    loop {
        match (one.next(), other.next()) {
            (None, None) | (Some(">"), Some(_)) | (Some(_), Some(">")) => return true,
            (None, _) | (_, None) => return false,
            (Some(a), Some(b)) if a == b || a == "*" || b == "*" => {}
            _ => return false,
        }
    }
}

const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::check;

    fn accepted(patterns: &[&str]) -> bool {
        let patterns: Vec<_> = patterns.iter().map(|p| p.parse().unwrap()).collect();
        check(&patterns).is_ok()
    }

    #[test]
    fn patterns_that_share_a_subject_are_refused() {
        assert!(accepted(&["a.>", "b.>", "c.*.d", "c.*.e"]));
        assert!(accepted(&["a.>", "a"]));
        assert!(accepted(&["a.*", "a.*.*"]));
        for shared in [
            &["a.>", "a.b"],
            &[">", "x"],
            &["a.*", "*.b"],
            &["a.*.c", "a.>"],
            &["a", "a"],
        ] {
            assert!(!accepted(shared), "{shared:?}");
        }
        assert!(!accepted(&[]));
    }
}
