use serde::Serialize;

/// Tells how the system is. Must answer from what is known already, without waiting.
pub trait Status: Send + Sync + 'static {
    /// Whether start-up is over, for `/startupz`.
    fn started(&self) -> bool;

    /// Whether an event would be accepted durably now, for `/readyz`.
    fn readiness(&self) -> Readiness;

    /// The whole state, for `/v1/status`. No secrets.
    fn status(&self) -> serde_json::Value;

    /// The counters in the OpenMetrics text format 1.0.0, for `/metrics`.
    fn metrics(&self) -> String;

    /// The public keys as a JWK set (RFC 7517), for `/.well-known/jwks.json`.
    fn jwks(&self) -> String;
}

/// Whether an event would be accepted durably, and what does not work as it should.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Readiness {
    /// Whether it would, be it by the broker or on disk.
    pub ready: bool,
    /// What is degraded, in words for an operator. Shown without a token: no secrets, no events.
    pub degraded: Vec<String>,
}
