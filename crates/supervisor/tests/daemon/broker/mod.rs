//! The daemon with a real broker: up, dying, away and back.

mod cluster;
mod crash;
mod following;
mod lifecycle;
mod operator;
mod outage;
mod refusals;
mod tenants;
