//! How the broker is reached.
