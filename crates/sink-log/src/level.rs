use events_core::{Event, Extension};
use tracing::Level;

/// The level of an event's line, by the CloudEvents severity extension; `INFO` where it has none.
pub(crate) fn of(event: &Event) -> Level {
    by_number(event)
        .or_else(|| by_text(event))
        .unwrap_or(Level::INFO)
}

/// OpenTelemetry's ranges. Over HTTP the number comes as a text.
fn by_number(event: &Event) -> Option<Level> {
    let number = event.extension("severitynumber")?.to_canonical();
    match number.parse().ok()? {
        1..=4 => Some(Level::TRACE),
        5..=8 => Some(Level::DEBUG),
        9..=12 => Some(Level::INFO),
        13..=16 => Some(Level::WARN),
        17..=24 => Some(Level::ERROR),
        _ => None,
    }
}

fn by_text(event: &Event) -> Option<Level> {
    let text = event.extension("severitytext").and_then(Extension::as_str);
    let text = text?.to_ascii_lowercase();
    let known = WORDS.iter().find(|(word, _)| *word == text);
    known.map(|(_, level)| *level)
}

const WORDS: [(&str, Level); 8] = [
    ("trace", Level::TRACE),
    ("debug", Level::DEBUG),
    ("info", Level::INFO),
    ("warn", Level::WARN),
    ("warning", Level::WARN),
    ("error", Level::ERROR),
    ("critical", Level::ERROR),
    ("fatal", Level::ERROR),
];

#[cfg(test)]
mod tests {
    use events_core::{Event, EventBuilder};
    use tracing::Level;

    fn level(with: impl FnOnce(EventBuilder) -> EventBuilder) -> Level {
        super::of(&with(Event::builder("1", "/a", "b")).build().unwrap())
    }

    #[test]
    fn the_number_comes_first_then_the_name_and_neither_is_info() {
        let number = |number| level(|event| event.integer_extension("severitynumber", number));
        let bounds = [1, 4, 5, 8, 9, 12, 13, 16, 17, 24].map(number);
        let levels = [
            Level::TRACE,
            Level::DEBUG,
            Level::INFO,
            Level::WARN,
            Level::ERROR,
        ];
        assert_eq!(bounds.to_vec(), levels.map(|level| [level; 2]).concat());

        let text = |text| level(|event| event.extension("severitytext", text));
        assert_eq!(text("Warning"), Level::WARN);
        assert_eq!(text("loud"), Level::INFO);
        assert_eq!(level(|event| event), Level::INFO);
        let both = |event: EventBuilder| {
            let event = event.integer_extension("severitynumber", 17);
            event.extension("severitytext", "debug")
        };
        assert_eq!(level(both), Level::ERROR);
        assert_eq!(
            level(|event| event.extension("severitynumber", "13")),
            Level::WARN
        );
        let neither = |event: EventBuilder| {
            let event = event.integer_extension("severitynumber", 99);
            event.extension("severitytext", "error")
        };
        assert_eq!(level(neither), Level::ERROR);
    }
}
