use serde::{Deserialize, Serialize};

use super::{Lifecycle, finite};

/// `embed.requests`: work for whoever makes embeddings.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct EmbedRequested {
    /// The request's id, which results and dead letters repeat; the event's `subject` too.
    pub request: String,
    /// The model to use.
    pub model: String,
    /// The text to embed.
    pub text: String,
}

/// `embed.results`: what came of a request.
#[derive(Clone, Deserialize, PartialEq, Serialize)]
pub struct EmbedResult {
    /// The request's id, the event's `subject` too.
    pub request: String,
    /// The model that was used.
    pub model: String,
    /// The embedding: finite numbers.
    #[serde(serialize_with = "finite::list")]
    pub vector: Vec<f32>,
}

/// `embed.dlq`: a request that nobody could do.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct EmbedFailed {
    /// The request's id, the event's `subject` too.
    pub request: String,
    /// What went wrong the last time.
    pub error: String,
    /// How often it was tried.
    pub attempts: u64,
}

lifecycle!(
    EmbedRequested = "embed.requests", about request;
    EmbedResult = "embed.results", about request;
    EmbedFailed = "embed.dlq", about request, failure true;
);
