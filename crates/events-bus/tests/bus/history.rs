use std::sync::Arc;

use async_trait::async_trait;
use chrono::DateTime;
use events_bus::{Bus, History};
use events_core::{ErrorKind, Filter, SinkError, WireEvent};

use crate::kit::{event, sealed};

/// Events `1` to `9`, of which each is stored at the second of its id.
struct Nine;

#[async_trait]
impl History for Nine {
    async fn newest(&self, filter: &Filter, limit: usize) -> Result<Vec<WireEvent>, SinkError> {
        let seconds = 1..=9_i64;
        let time = |second| DateTime::from_timestamp(second, 0).unwrap();
        let wanted: Vec<i64> = seconds.filter(|s| filter.wants_time(time(*s))).collect();
        let newest = wanted.iter().skip(wanted.len().saturating_sub(limit));
        let event = |second: &i64| sealed(event(&second.to_string(), "a.b"));
        Ok(newest.map(event).collect())
    }
}

struct Away;

#[async_trait]
impl History for Away {
    async fn newest(&self, _: &Filter, _: usize) -> Result<Vec<WireEvent>, SinkError> {
        Err(SinkError::new(ErrorKind::Unavailable, "read the streams"))
    }
}

fn ids(events: &[WireEvent]) -> String {
    let ids = events.iter().map(|event| event.attributes().id().as_str());
    ids.collect::<Vec<_>>().concat()
}

#[tokio::test]
async fn the_newest_are_answered_and_whether_there_are_more() {
    let bus = Bus::listening(Arc::default()).with_history(Arc::new(Nine));
    let all = Filter::default();
    for (limit, expected, has_more) in [
        (3, "789", true),
        (9, "123456789", false),
        (20, "123456789", false),
        (0, "", true),
    ] {
        let past = bus.history(&all, limit).await.unwrap();
        assert_eq!(
            (ids(&past.events).as_str(), past.has_more),
            (expected, has_more)
        );
    }
    let since = |second| DateTime::from_timestamp(second, 0).unwrap();
    let past = bus.history_since(&all, since(5), 3).await.unwrap();
    assert_eq!((ids(&past.events).as_str(), past.has_more), ("789", true));
    let past = bus.history_since(&all, since(8), 3).await.unwrap();
    assert_eq!((ids(&past.events).as_str(), past.has_more), ("89", false));
    let later = Filter {
        since: Some(since(9)),
        ..Filter::default()
    };
    let past = bus.history_since(&later, since(2), 3).await.unwrap();
    assert_eq!(ids(&past.events), "9", "the filter's own bound stays");
}

#[tokio::test]
async fn what_cannot_be_read_is_an_error_and_never_an_end() {
    let bus = Bus::listening(Arc::default());
    let error = bus.history(&Filter::default(), 5).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    let bus = bus.with_history(Arc::new(Away));
    let error = bus.history(&Filter::default(), 5).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
}
