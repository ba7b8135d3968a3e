use std::sync::Arc;

use supervisor::exit::Failure;

use super::leg::{Eye, Leg};
use super::mint::Mint;
use super::sighting::Attributes;
use crate::client::Client;
use crate::sse::Frames;

/// Watches the supervisor's live tail of the run's events.
pub(super) async fn begin(
    client: &Client,
    mint: &Arc<Mint>,
    eye: &Arc<Eye>,
) -> Result<Leg, Failure> {
    // A source of ours holds nothing that a query would take amiss.
    let path = format!("{PATH}?source={}", mint.source());
    let frames = client.watch(&path, None).await?;
    let (mint, seeing) = (Arc::clone(mint), Arc::clone(eye));
    let place = format!("{}{PATH}", client.base());
    Ok(Leg::begin("sse", place, eye, async move {
        watch(frames, &mint, &seeing).await;
    }))
}

/// Until the stream ends, or breaks off.
async fn watch(mut frames: Frames, mint: &Mint, eye: &Eye) {
    while let Some(message) = frames.next().await {
        if message.event == "lagged" {
            eye.lagged();
        } else if message.is_plain()
            && let Some(sighting) =
                Attributes::of_json(&message.data).and_then(|attributes| mint.knows(attributes))
        {
            // What is spilled comes once more when it is stored, and is there only then.
            eye.see(sighting);
        }
    }
}

const PATH: &str = "/v1/events/stream";
