use super::{Area, RecordId};

/// What opening a spool found and mended.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct OpenReport {
    /// Segments taken over from earlier runs.
    pub segments: usize,
    /// Live records in them.
    pub records: usize,
    /// Tails that were cut off: what a write under way left when its process or machine died.
    pub torn: Vec<TornTail>,
    /// Ranges in which something else stands than was written.
    pub damaged: Vec<Damage>,
    /// Segments whose header cannot be read. Their records are recovered without it.
    pub headless: Vec<String>,
}

/// The end of an area's last segment, with no whole record in it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TornTail {
    /// The area.
    pub area: Area,
    /// The segment's file name.
    pub segment: String,
    /// Bytes kept, from the start.
    pub offset: u64,
    /// Bytes cut off.
    pub bytes: u64,
}

/// A range of a segment that is not what was written. What stands behind it is recovered.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Damage {
    /// The area.
    pub area: Area,
    /// The segment's file name.
    pub segment: String,
    /// Where the range begins.
    pub offset: u64,
    /// Bytes in it.
    pub bytes: u64,
    /// The record in front of it: those lost were spilled or moved here after that one.
    pub after: Option<RecordId>,
    /// The record behind it.
    pub before: Option<RecordId>,
    /// Whether the disk refused to read it, so that it may be whole after all.
    pub unreadable: bool,
}
