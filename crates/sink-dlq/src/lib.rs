//! Keeps events that cannot be delivered now, and delivers them later.

mod spool;
