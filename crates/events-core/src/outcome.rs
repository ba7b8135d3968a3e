use serde::Serialize;

use crate::WireEvent;

/// Who has custody of an event now. Made only from the event it speaks of.
#[derive(Debug)]
#[must_use = "a spilled event has not reached its destination"]
pub enum Outcome {
    /// It is where it was meant to go.
    Delivered(Receipt),
    /// It is safe on disk and will be delivered later.
    Spilled(Receipt),
}

/// Names the place an event is stored in. Serialises as one flat object.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Receipt(Place);

/// Where an event can be stored.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(tag = "place", rename_all = "lowercase")]
#[non_exhaustive]
pub enum Place {
    /// A JetStream stream.
    Stream {
        /// Its name.
        stream: String,
        /// The message's sequence in it.
        sequence: u64,
        /// Whether the stream had a message of this identity already.
        duplicate: bool,
    },
    /// A journal.
    Journal {
        /// The segment's file name.
        segment: String,
        /// Bytes from the start of the segment to the event.
        offset: u64,
    },
    /// The spool of undelivered events.
    Spool {
        /// The segment's file name.
        segment: String,
        /// Bytes from the start of the segment to the record.
        offset: u64,
    },
    /// A database.
    Store {
        /// The row's number in its table.
        row: u64,
    },
    /// Nowhere: the chain ends in a sink that keeps nothing, by explicit choice.
    Noop,
}

/// What a receipt's place survives. An acknowledgement is not an fsync.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Durability {
    /// A stream acknowledged the event. JetStream syncs later (`sync_interval`).
    Acked,
    /// The event's bytes were fsynced before the receipt was made.
    Fsynced,
    /// Nothing: the place keeps no event.
    None,
}

impl Outcome {
    /// The event is stored at its destination. Its number, if it has one, is kept from now on.
    pub fn delivered(event: &WireEvent, place: Place) -> Self {
        event.mark_kept();
        Self::Delivered(Receipt(place))
    }

    /// The event is stored on disk for later. Its number, if it has one, is kept from now on.
    pub fn spilled(event: &WireEvent, place: Place) -> Self {
        event.mark_kept();
        Self::Spilled(Receipt(place))
    }

    /// The event's identity is stored at its destination with other bytes than ours: a host sent
    /// it again. The destination has it, and our number for it stays void.
    pub fn delivered_before(_event: &WireEvent, place: Place) -> Self {
        Self::Delivered(Receipt(place))
    }

    /// The receipt, whichever outcome it is.
    #[must_use]
    pub fn receipt(&self) -> &Receipt {
        match self {
            Self::Delivered(receipt) | Self::Spilled(receipt) => receipt,
        }
    }

    /// The outcome as one lower-case word, for answers, logs and labels.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Delivered(_) => "delivered",
            Self::Spilled(_) => "spilled",
        }
    }
}

impl Receipt {
    /// Where the event is.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.0
    }

    /// What that place survives.
    #[must_use]
    pub fn durability(&self) -> Durability {
        match self.0 {
            Place::Stream { .. } => Durability::Acked,
            Place::Journal { .. } | Place::Spool { .. } | Place::Store { .. } => {
                Durability::Fsynced
            }
            Place::Noop => Durability::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Place, Receipt};

    #[test]
    fn receipts_are_one_flat_object() {
        let place = Place::Stream {
            stream: "S".into(),
            sequence: 1,
            duplicate: false,
        };
        let json = serde_json::to_string(&Receipt(place)).unwrap();
        assert_eq!(
            json,
            r#"{"place":"stream","stream":"S","sequence":1,"duplicate":false}"#
        );
        assert_eq!(
            serde_json::to_string(&Receipt(Place::Noop)).unwrap(),
            r#"{"place":"noop"}"#
        );
    }
}
