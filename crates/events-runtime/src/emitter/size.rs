use events_core::Event;

/// About how many bytes an event takes: its texts and data, and what a chain adds to it.
pub(super) fn estimate(event: &Event) -> usize {
    let extensions: usize = event
        .extensions()
        .iter()
        .map(|(name, value)| name.as_str().len() + value.to_canonical().len())
        .sum();
    let texts = event.id().as_str().len()
        + event.source().as_str().len()
        + event.kind().as_str().len()
        + event.subject().map_or(0, |subject| subject.as_str().len());
    let data = event.data().map_or(0, |data| data.as_bytes().len());
    data + texts + extensions + OVERHEAD
}

const OVERHEAD: usize = 1024;
