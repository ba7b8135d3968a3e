//! The Consign daemon.
fn main() {}
