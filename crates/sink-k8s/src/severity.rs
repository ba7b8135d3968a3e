use events_core::{Event, Extension, Severity};

/// How much an event matters: what it states, else what its words tell: an error where the last
/// word of the type is `crashed` or `failed`, a warning where `outcome` is `failure` or `timeout`,
/// else info.
///
/// The lowest step an Event can be chosen by is [`Severity::Debug`], which takes the traces in.
pub(crate) fn of(event: &Event) -> Severity {
    let severity = Severity::stated_by(event).unwrap_or_else(|| by_words(event));
    severity.max(Severity::Debug)
}

/// Whether Kubernetes calls it a warning.
pub(crate) fn warns(event: &Event) -> bool {
    of(event) >= Severity::Warn
}

fn by_words(event: &Event) -> Severity {
    let last = event.kind().as_str().rsplit('.').next();
    if matches!(last, Some("crashed" | "failed")) {
        return Severity::Error;
    }
    match event.extension("outcome").and_then(Extension::as_str) {
        Some("failure" | "timeout") => Severity::Warn,
        _ => Severity::Info,
    }
}

#[cfg(test)]
mod tests {
    use events_core::Severity::{self, Debug, Error, Info, Warn};
    use events_core::{Event, EventBuilder};

    fn severity(kind: &str, with: impl FnOnce(EventBuilder) -> EventBuilder) -> Severity {
        super::of(&with(Event::builder("1", "/a", kind)).build().unwrap())
    }

    #[test]
    fn what_is_stated_comes_before_the_words() {
        let stated = |number, name| {
            severity("a.crashed", move |event| {
                let event = event.integer_extension(Severity::NUMBER, number);
                event.extension(Severity::TEXT, name)
            })
        };
        assert_eq!(stated(9, "ERROR"), Info);
        assert_eq!(stated(99, "Warning"), Warn);
        assert_eq!(stated(0, "loud"), Error);
        assert_eq!([stated(1, "TRACE"), stated(8, "DEBUG")], [Debug; 2]);
    }

    #[test]
    fn without_either_the_words_tell() {
        assert_eq!(severity("tool.crashed", |event| event), Error);
        assert_eq!(severity("run.failed", |event| event), Error);
        assert_eq!(severity("tool.started", |event| event), Info);
        assert_eq!(
            severity("a", |event| event.extension("outcome", "timeout")),
            Warn
        );
        assert_eq!(
            severity("a", |event| event.extension("outcome", "success")),
            Info
        );
    }
}
