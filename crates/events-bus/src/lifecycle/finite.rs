//! JSON has no word for NaN and infinity, and a `null` in their place would read back as nothing.

use std::collections::BTreeMap;

use serde::ser::Error as _;
use serde::{Serialize as _, Serializer};

/// A list of numbers, all of which JSON can hold.
pub(super) fn list<S: Serializer>(numbers: &[f32], serializer: S) -> Result<S::Ok, S::Error> {
    if !numbers.iter().all(|number| number.is_finite()) {
        return Err(S::Error::custom(REFUSED));
    }
    numbers.serialize(serializer)
}

/// Numbers by their names, all of which JSON can hold.
pub(super) fn named<S: Serializer>(
    numbers: &BTreeMap<String, f64>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    if !numbers.values().all(|number| number.is_finite()) {
        return Err(S::Error::custom(REFUSED));
    }
    numbers.serialize(serializer)
}

const REFUSED: &str = "a number is not finite";
