use events_core::{Event, Severity};
use tracing::Level;

/// The level of an event's line, by the severity it states; `INFO` where it states none.
pub(crate) fn of(event: &Event) -> Level {
    match Severity::stated_by(event) {
        Some(Severity::Trace) => Level::TRACE,
        Some(Severity::Debug) => Level::DEBUG,
        Some(Severity::Info) | None => Level::INFO,
        Some(Severity::Warn) => Level::WARN,
        Some(Severity::Error) => Level::ERROR,
    }
}

#[cfg(test)]
mod tests {
    use events_core::Event;
    use tracing::Level;

    #[test]
    fn each_step_has_its_level_and_no_step_is_info() {
        let named = |name| {
            let event = Event::builder("1", "/a", "b").extension("severitytext", name);
            super::of(&event.build().unwrap())
        };
        let levels = ["trace", "debug", "info", "warn", "error"].map(named);
        let sorted = [
            Level::TRACE,
            Level::DEBUG,
            Level::INFO,
            Level::WARN,
            Level::ERROR,
        ];
        assert_eq!(levels, sorted);
        assert_eq!(named("loud"), Level::INFO);
    }
}
