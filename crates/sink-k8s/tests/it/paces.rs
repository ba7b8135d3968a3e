//! The sink's clockwork, on a clock that the test moves and without a network.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{Method, Request, Response};
use kube_client::Client;
use kube_client::client::Body;
use sink_k8s::{Config, Dropped, K8sSink, Regarding};
use tokio::time::{Instant, sleep};

use crate::{crash, send};

/// When requests were made, in seconds since the start.
type Requests = Arc<Mutex<Vec<(Method, u64)>>>;

fn observed() -> (K8sSink, Requests) {
    let requests = Requests::default();
    let start = Instant::now();
    let seen = requests.clone();
    let server = tower::service_fn(move |request: Request<Body>| {
        let second = start.elapsed().as_secs();
        seen.lock()
            .unwrap()
            .push((request.method().clone(), second));
        async { Ok::<_, Infallible>(Response::new(request.into_body())) }
    });
    let pod = Regarding::pod("agents", "gateway-0", None).unwrap();
    let sink = K8sSink::new(Client::new(server, "agents"), Config::new(pod));
    (sink, requests)
}

#[tokio::test(start_paused = true)]
async fn an_event_a_second_is_one_event_and_an_update_in_thirty() {
    let (sink, requests) = observed();
    for second in 0..120 {
        send(&sink, crash(&second.to_string(), "search")).await;
        sleep(Duration::from_secs(1)).await;
    }
    let patches = [1, 31, 61, 91].map(|second| (Method::PATCH, second));
    let post = (Method::POST, 0);
    assert_eq!(*requests.lock().unwrap(), [&[post][..], &patches].concat());

    // Seen last at 119; six minutes later the next one is another Event, and nothing is owed.
    sleep(Duration::from_secs(358)).await;
    send(&sink, crash("later", "search")).await;
    sink.flush().await;
    sleep(Duration::from_secs(361)).await;
    send(&sink, crash("much later", "search")).await;
    sink.flush().await;
    let requests = requests.lock().unwrap();
    let posts = requests.iter().filter(|(method, _)| method == Method::POST);
    assert_eq!(
        posts.map(|(_, second)| *second).collect::<Vec<_>>(),
        [0, 839]
    );
}

#[tokio::test(start_paused = true)]
async fn after_a_burst_one_in_five_minutes() {
    let (sink, requests) = observed();
    for second in 0..1000 {
        send(&sink, crash(&second.to_string(), &second.to_string())).await;
        sleep(Duration::from_secs(1)).await;
    }
    let expected = (0..25)
        .chain([300, 600, 900])
        .map(|second| (Method::POST, second));
    assert_eq!(*requests.lock().unwrap(), expected.collect::<Vec<_>>());
    let counts = sink.counts();
    assert_eq!(
        (counts.created, counts.dropped_for(Dropped::Limited)),
        (28, 972)
    );
}
