use std::sync::Arc;
use std::time::Duration;

use reqwest::{Method, Response};
use supervisor::exit::Failure;

use super::leg::{Eye, Leg};
use super::mint::Mint;
use super::sighting::Attributes;
use crate::client::{Answer, Client};
use crate::sse::Reader;

/// Watches the supervisor's live tail of the run's events.
pub(super) async fn begin(
    client: &Client,
    mint: &Arc<Mint>,
    eye: &Arc<Eye>,
) -> Result<Leg, Failure> {
    // A source of ours holds nothing that a query would take amiss.
    let path = format!("{PATH}?source={}", mint.source());
    let request = client.request(Method::GET, &path).timeout(WHOLE_RUN);
    let response = request
        .send()
        .await
        .map_err(|error| client.unreachable(error))?;
    if !response.status().is_success() {
        let status = response.status();
        let body = response
            .bytes()
            .await
            .map_err(|error| client.unreachable(error))?;
        return Err(client.refusal(&Answer {
            status,
            body: body.to_vec(),
        }));
    }
    let (mint, seeing) = (Arc::clone(mint), Arc::clone(eye));
    let place = format!("{}{PATH}", client.base());
    Ok(Leg::begin("sse", place, eye, async move {
        watch(response, &mint, &seeing).await;
    }))
}

/// Until the stream ends, or breaks off.
async fn watch(mut response: Response, mint: &Mint, eye: &Eye) {
    let mut reader = Reader::default();
    while let Ok(Some(piece)) = response.chunk().await {
        reader.feed(&piece);
        while let Some(message) = reader.next() {
            if message.event == "lagged" {
                eye.lagged();
            } else if let Some(sighting) =
                Attributes::of_json(&message.data).and_then(|attributes| mint.knows(attributes))
            {
                eye.see(sighting);
            }
        }
    }
}

const PATH: &str = "/v1/events/stream";
/// No answer that never ends has a time to be over by; the client's own would end it.
const WHOLE_RUN: Duration = Duration::from_secs(30 * 86_400);
