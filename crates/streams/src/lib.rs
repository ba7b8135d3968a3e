//! The JetStream streams that Consign needs.
