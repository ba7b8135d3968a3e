//! What the redactor takes out, what it leaves, and what it costs.

mod samples;
mod support;
