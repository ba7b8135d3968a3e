use events_core::{Event, EventSubject, MediaType, SchemaUri};

/// All context attributes of an event in one text, so that one look tells that none of them
/// holds a secret. On the stack: most events are clean and must cost no allocation.
pub(super) struct Joined {
    bytes: [u8; Self::ROOM],
    length: usize,
    full: bool,
}

impl Joined {
    const ROOM: usize = 1024;

    /// The attributes, or `None` where they are more than there is room for.
    pub(super) fn of(event: &Event) -> Option<Self> {
        let mut joined = Self {
            bytes: [0; Self::ROOM],
            length: 0,
            full: false,
        };
        let texts = [
            Some(event.kind().as_str()),
            Some(event.id().as_str()),
            Some(event.source().as_str()),
            event.subject().map(EventSubject::as_str),
            event.data_schema().map(SchemaUri::as_str),
            event.data_content_type().map(MediaType::as_str),
        ];
        texts
            .into_iter()
            .flatten()
            .for_each(|text| joined.line(text));
        for (name, value) in event.extensions() {
            // As a key stands in JSON, for that is how the gate knows the names of fields.
            joined.push("\"");
            joined.push(name.as_str());
            joined.line("\"");
            joined.line(&value.to_canonical());
        }
        (!joined.full).then_some(joined)
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    fn line(&mut self, text: &str) {
        self.push(text);
        // No attribute holds a line break, and no secret reaches over one.
        self.push("\n");
    }

    fn push(&mut self, text: &str) {
        let end = self.length + text.len();
        match self.bytes.get_mut(self.length..end) {
            Some(room) => {
                room.copy_from_slice(text.as_bytes());
                self.length = end;
            }
            None => self.full = true,
        }
    }
}
