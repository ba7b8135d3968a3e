//! The names of the extension attributes that signing sets or moves.

/// The verification material (CloudEvents verifiability extension).
pub(crate) const MATERIAL: &str = "dssematerial";
/// The material an event arrived with.
pub(crate) const ORIGIN_MATERIAL: &str = "origindssematerial";
/// The chain an event is numbered in.
pub(crate) const PRODUCER: &str = "producerid";
/// Its number there (CloudEvents Sequence extension).
pub(crate) const SEQUENCE: &str = "sequence";
/// The number an event arrived with.
pub(crate) const ORIGIN_SEQUENCE: &str = "originsequence";
/// Up to which number the chain is accounted for.
pub(crate) const SETTLED: &str = "settledsequence";
/// Numbers that nothing stored bears.
pub(crate) const VOIDED: &str = "voidedsequences";
/// `time` with all its digits.
pub(crate) const EXACT_TIME: &str = "exacttime";
/// The tenant.
pub(crate) const TENANT: &str = "tenantid";
