use std::time::Duration;

use http::header::RETRY_AFTER;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Limited};
use k8s_openapi::api::events::v1::{Event, EventSeries};
use kube_client::Client;
use kube_client::client::Body;
use kube_client::core::params::{Patch, PatchParams, PostParams};
use kube_client::core::{Request as Requests, Resource as _};
use serde::Deserialize;
use serde_json::json;
use tokio::time::timeout;

use crate::Dropped;

/// The two requests that are made of the API server. `create` and `patch` on `events` of
/// `events.k8s.io` have to be granted.
///
/// Answers are judged by their code: what the server says may quote what it was sent, and the
/// client would log that.
pub(crate) struct Events {
    client: Client,
    requests: Requests,
    timeout: Duration,
}

/// Where an Event of that name is now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Created {
    /// This request created it.
    Now,
    /// It was there, and says how often it was seen.
    Before { count: u32 },
}

/// What is read of an Event: its count.
#[derive(Deserialize)]
struct Standing {
    series: Option<Seen>,
}

#[derive(Deserialize)]
struct Seen {
    count: Option<u32>,
}

/// Why the API did not do as asked. Holds nothing the server said but its code and its word.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Trouble {
    /// It answered that much.
    Answered { code: u16, again_in: Duration },
    /// There was no answer in time.
    Late,
    /// It was not reached.
    Unreached,
    /// No request could be made of it.
    Unmade,
}

impl Events {
    pub(crate) fn new(client: Client, namespace: &str, timeout: Duration) -> Self {
        Self {
            client,
            requests: Requests::new(Event::url_path(&(), Some(namespace))),
            timeout,
        }
    }

    /// Creates it, unless an Event of its name is there: an earlier try arrived, or the event comes
    /// again after this process was started anew.
    pub(crate) async fn create(&self, name: &str, event: &Event) -> Result<Created, Trouble> {
        let body = serde_json::to_vec(event).map_err(|_| Trouble::Unmade)?;
        let request = self.requests.create(&PostParams::default(), body);
        match self.ask(request.map_err(|_| Trouble::Unmade)?).await {
            Ok(_) => Ok(Created::Now),
            Err(conflict @ Trouble::Answered { code: 409, .. }) => match self.count(name).await {
                // Gone meanwhile: it can be created.
                Err(trouble) if trouble.is_gone() => Err(conflict),
                count => count.map(|count| Created::Before { count }),
            },
            Err(trouble) => Err(trouble),
        }
    }

    pub(crate) async fn update(&self, name: &str, series: EventSeries) -> Result<(), Trouble> {
        self.patch(name, json!({ "series": series })).await?;
        Ok(())
    }

    /// How often the Event says it was seen. A patch that changes nothing is answered with the
    /// Event, and needs no right beyond those there are.
    async fn count(&self, name: &str) -> Result<u32, Trouble> {
        let event = self.patch(name, json!({})).await?;
        let event: Option<Standing> = serde_json::from_slice(&event).ok();
        let count = event.and_then(|event| event.series?.count);
        Ok(count.unwrap_or(1).max(1))
    }

    async fn patch(&self, name: &str, change: serde_json::Value) -> Result<Vec<u8>, Trouble> {
        let patch = Patch::Merge(change);
        let request = self.requests.patch(name, &PatchParams::default(), &patch);
        self.ask(request.map_err(|_| Trouble::Unmade)?).await
    }

    async fn ask(&self, request: Request<Vec<u8>>) -> Result<Vec<u8>, Trouble> {
        let asked = async {
            let response = self.client.send(request.map(Body::from)).await;
            let response = response.map_err(|_| Trouble::Unreached)?;
            let verdict = judge(&response);
            // Read to its end, so that the connection can be used again.
            let rest = Limited::new(response.into_body(), LONGEST_ANSWER);
            let body = rest.collect().await.map(|body| body.to_bytes().to_vec());
            verdict.map(|()| body.unwrap_or_default())
        };
        timeout(self.timeout, asked)
            .await
            .unwrap_or(Err(Trouble::Late))
    }
}

impl Trouble {
    /// Whether the same request may work later with nobody's help.
    pub(crate) fn passes(self) -> bool {
        match self {
            Self::Answered { code, .. } => matches!(code, 408 | 409 | 429 | 500..),
            Self::Late | Self::Unreached => true,
            Self::Unmade => false,
        }
    }

    /// How long the server asks to wait.
    pub(crate) fn again_in(self) -> Duration {
        match self {
            Self::Answered { again_in, .. } => again_in,
            Self::Late | Self::Unreached | Self::Unmade => Duration::ZERO,
        }
    }

    pub(crate) fn is_gone(self) -> bool {
        matches!(self, Self::Answered { code: 404, .. })
    }

    pub(crate) fn dropped(self) -> Dropped {
        if self.passes() {
            Dropped::Unavailable
        } else {
            Dropped::Refused
        }
    }

    /// What an operator reads.
    pub(crate) fn as_text(self) -> String {
        match self {
            Self::Answered { code: 401, .. } => {
                "the API server answers 401: the token is not accepted".into()
            }
            Self::Answered { code: 403, .. } => {
                let verbs = "grant create and patch on events of events.k8s.io";
                format!("the API server answers 403: {verbs}")
            }
            Self::Answered { code, .. } => format!("the API server answers {code}"),
            Self::Late => "the API server does not answer in time".into(),
            Self::Unreached => "the API server is not reached".into(),
            Self::Unmade => "the event makes no request".into(),
        }
    }
}

fn judge(response: &Response<Body>) -> Result<(), Trouble> {
    if response.status().is_success() {
        return Ok(());
    }
    let seconds = response.headers().get(RETRY_AFTER);
    let seconds = seconds.and_then(|text| text.to_str().ok()?.parse().ok());
    Err(Trouble::Answered {
        code: response.status().as_u16(),
        again_in: Duration::from_secs(seconds.unwrap_or(0)),
    })
}

const LONGEST_ANSWER: usize = 1 << 20;
