//! What the redactor takes out, what it leaves, and what it costs.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, reason = "a test fails by panicking")]

mod benign;
mod canary;
mod fields;
mod hostile;
mod live;
mod places;
mod replacing;
mod rules_file;
mod samples;
mod sink;
mod support;
