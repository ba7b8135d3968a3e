//! The trace that a request is part of (W3C Trace Context).

use events_core::{Event, Extension, ExtensionName, TraceParent, TraceState};
use http::header::HeaderName;
use http::{HeaderMap, HeaderValue};

/// Where a request stands in a trace, by its headers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Incoming {
    parent: TraceParent,
    state: Option<TraceState>,
}

impl Incoming {
    /// What the headers say. A malformed `traceparent`, or more than one, counts as none, and then
    /// `tracestate` does too; a malformed or overlong `tracestate` alone counts as none by itself.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let mut parents = headers.get_all(PARENT).iter();
        let parent = parents.next()?.to_str().ok()?.trim().parse().ok()?;
        if parents.next().is_some() {
            return None;
        }
        Some(Self {
            parent,
            state: state(headers),
        })
    }

    /// The event as part of the trace. Where it began in one, that stays as it is: the attributes
    /// tell where an event began, the hop how it came here (CloudEvents, Distributed Tracing).
    pub(super) fn join(&self, event: &mut Event) {
        event.set_hop(self.parent);
        let began = [TraceParent::NAME, TraceState::NAME]
            .iter()
            .any(|name| event.extension(name).is_some());
        if began {
            return;
        }
        let parent = const { ExtensionName::from_static(TraceParent::NAME) };
        event.set_extension(parent, Extension::String(self.parent.to_string().into()));
        if let Some(state) = &self.state {
            let name = const { ExtensionName::from_static(TraceState::NAME) };
            event.set_extension(name, Extension::String(state.as_str().into()));
        }
    }
}

/// All headers `tracestate` as the one list they are (section 3.3.1).
fn state(headers: &HeaderMap) -> Option<TraceState> {
    let values: Result<Vec<&str>, _> = headers
        .get_all(STATE)
        .iter()
        .map(HeaderValue::to_str)
        .collect();
    values.ok()?.join(",").parse().ok()
}

const PARENT: HeaderName = HeaderName::from_static(TraceParent::NAME);
const STATE: HeaderName = HeaderName::from_static(TraceState::NAME);

#[cfg(test)]
mod tests {
    use events_core::Event;
    use http::HeaderMap;

    use super::Incoming;

    const HERE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const THERE: &str = "00-11111111111111111111111111111111-2222222222222222-00";

    fn headers(list: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in list {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    fn joined(list: &[(&'static str, &str)], extensions: &[(&str, &str)]) -> [Option<String>; 3] {
        let mut event = Event::builder("1", "/here", "run.done");
        for (name, value) in extensions {
            event = event.extension(name, value);
        }
        let mut event = event.build().unwrap();
        if let Some(incoming) = Incoming::of(&headers(list)) {
            incoming.join(&mut event);
        }
        let text = |name| Some(event.extension(name)?.to_canonical().into_owned());
        let hop = event.hop().map(|hop| hop.to_string());
        [text("traceparent"), text("tracestate"), hop]
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn an_event_begins_in_the_trace_of_its_request_or_in_its_own() {
        let list = [
            ("traceparent", HERE),
            ("tracestate", "a=1"),
            ("tracestate", "b@c=2, d=3"),
        ];
        assert_eq!(
            joined(&list, &[]),
            [some(HERE), some("a=1,b@c=2,d=3"), some(HERE)]
        );
        assert_eq!(
            joined(&list, &[("traceparent", THERE)]),
            [some(THERE), None, some(HERE)]
        );
        assert_eq!(
            joined(
                &list,
                &[("traceparent", "what I like"), ("tracestate", "x")]
            ),
            [some("what I like"), some("x"), some(HERE)]
        );
        assert_eq!(joined(&[], &[]), [None, None, None]);
    }

    #[test]
    fn what_is_malformed_is_ignored() {
        for list in [
            &[("traceparent", "00-1-2-3"), ("tracestate", "a=1")][..],
            &[("traceparent", HERE), ("traceparent", HERE)],
            &[("tracestate", "a=1")],
        ] {
            assert_eq!(joined(list, &[]), [None, None, None], "{list:?}");
        }
        let long = format!("a={},b={},c=1", "x".repeat(255), "y".repeat(255));
        let many: Vec<String> = (0..33).map(|n| format!("k{n}=1")).collect();
        let many = many.join(",");
        for state in [
            "", "a", "A=1", "1=1", "a=1,a=2", "a=1=2", "a=", "@b=1", &long, &many,
        ] {
            let list = [("traceparent", HERE), ("tracestate", state)];
            assert_eq!(
                joined(&list, &[]),
                [some(HERE), None, some(HERE)],
                "{state}"
            );
        }
    }
}
