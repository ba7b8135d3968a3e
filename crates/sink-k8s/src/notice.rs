use events_core::time::Timestamp;
use events_core::{Event, EventSubject, Extension, WireEvent};

use crate::words::pascal;
use crate::{Regarding, note, severity};

/// What Kubernetes is told of one event.
#[derive(Debug)]
pub(crate) struct Notice {
    pub(crate) key: Key,
    pub(crate) note: String,
    pub(crate) at: Timestamp,
    /// The hash of the event's identity: the Event's name ends with it.
    pub(crate) id: String,
}

/// What makes two events the same, so that the second is counted and not written: not the note,
/// whose numbers and addresses differ each time.
#[derive(Clone, Eq, Hash, PartialEq)]
pub(crate) struct Key {
    pub(crate) regarding: Regarding,
    pub(crate) warns: bool,
    pub(crate) reason: String,
    pub(crate) action: String,
    /// What the event was about within its source.
    pub(crate) subject: Option<String>,
}

impl Notice {
    pub(crate) fn of(event: &WireEvent, pod: &Regarding) -> Self {
        let attributes = event.attributes();
        let subject = attributes.subject().map(EventSubject::as_str);
        let (reason, action) = names(attributes);
        Self {
            key: Key {
                regarding: pod.named_by(attributes).unwrap_or_else(|| pod.clone()),
                warns: severity::warns(attributes),
                reason,
                action,
                subject: subject.map(str::to_owned),
            },
            note: note::of(event),
            at: attributes.time().cloned().unwrap_or_else(Timestamp::now),
            id: event.message_id().to_string(),
        }
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key")
            .field("warns", &self.warns)
            .finish_non_exhaustive()
    }
}

/// The reason is the type with what came of it, the action the type's last token.
fn names(event: &Event) -> (String, String) {
    let kind = event.kind().as_str();
    let kind = kind.strip_prefix("record.").unwrap_or(kind);
    let outcome = event.extension("outcome").and_then(Extension::as_str);
    let reason = format!("{kind}.{}", outcome.unwrap_or_default());
    let action = kind.rsplit('.').next().unwrap_or(kind);
    (pascal(&reason), pascal(action))
}

#[cfg(test)]
mod tests {
    use events_core::{Event, EventSinkExt as _, NoopSink};

    use super::Notice;
    use crate::Regarding;

    fn notice(kind: &str, outcome: Option<&str>) -> Notice {
        let event = Event::builder("1", "/a", kind).extension("severitytext", "warn");
        let event = match outcome {
            Some(outcome) => event.extension("outcome", outcome),
            None => event,
        };
        let pod = Regarding::pod("agents", "gateway-0", None).unwrap();
        let event = NoopSink.seal(vec![event.build().unwrap()]).remove(0);
        Notice::of(&event.unwrap(), &pod)
    }

    #[test]
    fn types_and_outcomes_make_reason_and_action() {
        let names = |kind, outcome| {
            let key = notice(kind, outcome).key;
            (key.reason, key.action)
        };
        let pair = |reason: &str, action: &str| (reason.to_owned(), action.to_owned());
        assert_eq!(names("tool.crashed", None), pair("ToolCrashed", "Crashed"));
        assert_eq!(
            names("record.mcpclient.connect_attempt", Some("failure")),
            pair("McpclientConnectAttemptFailure", "ConnectAttempt")
        );
    }

    #[test]
    fn debug_shows_no_subject_of_the_event() {
        assert_eq!(
            format!("{:?}", notice("a.b", None).key),
            "Key { warns: true, .. }"
        );
    }
}
