//! Which attribute names mean what.

/// The context attributes of CloudEvents 1.0, in the order they are written and signed, and the
/// members of the JSON format that are no attributes.
pub(crate) const NOT_EXTENSIONS: [&str; 10] = [
    "specversion",
    "id",
    "source",
    "type",
    "datacontenttype",
    "dataschema",
    "subject",
    "time",
    "data",
    "data_base64",
];

/// Whether the extension attribute `name` is one that only Consign sets.
///
/// An event from a host that bears one is refused when it is sealed. `dssematerial`, `sequence`
/// and `tenantid` are not among them: a host may bring its own.
#[must_use]
pub fn is_ours(name: &str) -> bool {
    OURS.contains(&name)
}

const OURS: [&str; 7] = [
    "exacttime",
    "origindssematerial",
    "originsequence",
    "producerid",
    "redactpolicy",
    "settledsequence",
    "voidedsequences",
];
