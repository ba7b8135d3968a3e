//! The Consign daemon: settings, composition of the chain, HTTP and standard input, life cycle.

pub mod settings;
