use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, patch};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;

use super::rules::complaint;

/// What the server does with a request instead of serving it.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// Answers with this code.
    Answers(u16),
    /// Serves it after so many milliseconds.
    Slow(u64),
    /// As 429 with a time to wait, in seconds.
    Busy(u32),
    /// Never answers.
    Hangs,
    /// Serves it, and the answer never comes.
    ServesAndHangs,
}

/// An API server as far as Events of `events.k8s.io/v1` go, over plain HTTP, that judges them as
/// Kubernetes does. Dropped, it is gone.
#[derive(Debug)]
pub struct ApiServer {
    url: String,
    state: Arc<Server>,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Server {
    events: Mutex<BTreeMap<String, Value>>,
    requests: Mutex<Vec<String>>,
    complaints: Mutex<Vec<String>>,
    next: Mutex<VecDeque<Fault>>,
    always: Mutex<Option<Fault>>,
    changed: Notify,
}

impl ApiServer {
    /// Starts one on a free port of the loopback interface.
    ///
    /// # Panics
    /// Where there is no such port, and outside a Tokio runtime.
    pub async fn start() -> Self {
        let state = Arc::<Server>::default();
        let events = "/apis/events.k8s.io/v1/namespaces/{namespace}/events";
        let routes = Router::new()
            .route(events, get(list).post(create))
            .route(&format!("{events}/{{name}}"), patch(update))
            .route(
                "/api",
                get(|| async { Json(json!({"kind":"APIVersions","versions":[]})) }),
            )
            .route("/apis", get(|| async { Json(groups()) }))
            .route(
                "/apis/events.k8s.io/v1",
                get(|| async { Json(resources()) }),
            )
            .with_state(Arc::clone(&state));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let serve = axum::serve(listener, routes);
        let task = tokio::spawn(async move { serve.await.unwrap() });
        Self { url, state, task }
    }

    /// Where it is asked.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The stored Events, whatever their order.
    #[must_use]
    pub fn events(&self) -> Vec<Value> {
        self.state
            .events
            .lock()
            .unwrap()
            .values()
            .cloned()
            .collect()
    }

    /// The methods of all requests so far.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        self.state.requests.lock().unwrap().clone()
    }

    /// What the rules of the API had against requests.
    #[must_use]
    pub fn complaints(&self) -> Vec<String> {
        self.state.complaints.lock().unwrap().clone()
    }

    /// The next requests meet these faults, one each.
    pub fn fails_next(&self, faults: impl IntoIterator<Item = Fault>) {
        self.state.next.lock().unwrap().extend(faults);
    }

    /// All requests meet this fault from now on.
    pub fn fails(&self, fault: Option<Fault>) {
        *self.state.always.lock().unwrap() = fault;
    }

    /// Forgets its Events, as Kubernetes does after an hour.
    pub fn expire(&self) {
        self.state.events.lock().unwrap().clear();
    }

    /// Waits until a request came that makes `reached` true.
    pub async fn until(&self, reached: impl Fn(&Self) -> bool) {
        loop {
            let changed = self.state.changed.notified();
            if reached(self) {
                return;
            }
            tokio::time::timeout(Duration::from_secs(30), changed)
                .await
                .unwrap();
        }
    }
}

impl Drop for ApiServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn create(
    State(server): State<Arc<Server>>,
    Path(namespace): Path<String>,
    request: Request,
) -> Response {
    serve(&server, "POST", request, |body| {
        let complaint = complaint(&namespace, &body);
        let name = body["metadata"]["name"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let mut events = server.events.lock().unwrap();
        if let Some(complaint) = complaint {
            server.complaints.lock().unwrap().push(complaint);
            return status(422, 0);
        }
        if events.contains_key(&name) {
            return status(409, 0);
        }
        events.insert(name, body.clone());
        (StatusCode::CREATED, Json(body)).into_response()
    })
    .await
}

async fn update(
    State(server): State<Arc<Server>>,
    Path((namespace, name)): Path<(String, String)>,
    request: Request,
) -> Response {
    let merges = request.headers()["content-type"] == "application/merge-patch+json";
    serve(&server, "PATCH", request, |body| {
        let mut events = server.events.lock().unwrap();
        let Some(event) = events.get_mut(&name) else {
            return status(404, 0);
        };
        // A patch that changes nothing is answered with what there is.
        if merges && body == json!({}) {
            return Json(event.clone()).into_response();
        }
        let mut changed = event.clone();
        changed["series"] = body["series"].clone();
        let only_series = body
            .as_object()
            .is_some_and(|body| body.keys().eq(["series"]));
        let complaint = complaint(&namespace, &changed);
        if !merges || !only_series || complaint.is_some() {
            let text =
                complaint.unwrap_or_else(|| format!("a patch of more than the series: {body}"));
            server.complaints.lock().unwrap().push(text);
            return status(422, 0);
        }
        *event = changed.clone();
        Json(changed).into_response()
    })
    .await
}

async fn list(State(server): State<Arc<Server>>, Path(_namespace): Path<String>) -> Json<Value> {
    let events = server.events.lock().unwrap();
    let items: Vec<_> = events.values().collect();
    let kind = json!({"kind":"EventList","apiVersion":"events.k8s.io/v1","metadata":{}});
    let mut list = kind;
    list["items"] = json!(items);
    Json(list)
}

/// Records the request, and serves it unless a fault is due.
async fn serve(
    server: &Server,
    method: &str,
    request: Request,
    served: impl FnOnce(Value) -> Response,
) -> Response {
    let body = axum::body::to_bytes(request.into_body(), 1 << 20)
        .await
        .unwrap();
    let fault = server.next.lock().unwrap().pop_front();
    let fault = fault.or(*server.always.lock().unwrap());
    server.requests.lock().unwrap().push(method.to_owned());
    if let Some(Fault::Slow(millis)) = fault {
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }
    let serves = matches!(fault, None | Some(Fault::ServesAndHangs | Fault::Slow(_)));
    let answer = serves.then(|| served(serde_json::from_slice(&body).unwrap()));
    server.changed.notify_waiters();
    match (fault, answer) {
        (None | Some(Fault::Slow(_)), Some(answer)) => answer,
        (Some(Fault::Answers(code)), _) => status(code, 0),
        (Some(Fault::Busy(seconds)), _) => status(429, seconds),
        (Some(Fault::Hangs | Fault::ServesAndHangs | Fault::Slow(_)) | None, _) => {
            std::future::pending().await
        }
    }
}

fn status(code: u16, retry_after_seconds: u32) -> Response {
    let status = json!({
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code,
        "message": "a text that quotes the request", "reason": "Reason",
        "details": {"retryAfterSeconds": retry_after_seconds},
    });
    let headers = [("retry-after", retry_after_seconds.to_string())];
    (StatusCode::from_u16(code).unwrap(), headers, Json(status)).into_response()
}

fn groups() -> Value {
    let version = json!({"groupVersion":"events.k8s.io/v1","version":"v1"});
    let group = json!({"name":"events.k8s.io","versions":[version],"preferredVersion":version});
    json!({"kind":"APIGroupList","apiVersion":"v1","groups":[group]})
}

fn resources() -> Value {
    json!({"kind":"APIResourceList","apiVersion":"v1","groupVersion":"events.k8s.io/v1","resources":[{
        "name":"events","singularName":"event","namespaced":true,"kind":"Event","shortNames":["ev"],
        "verbs":["create","get","list","patch"],
    }]})
}
