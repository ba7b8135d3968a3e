use std::time::Duration;

use events_core::Event;
use sink_k8s::Dropped;
use sink_testkit::kubernetes::ApiServer;

use crate::{crash, send, sink};

#[tokio::test]
async fn a_burst_is_limited_and_counted() {
    let server = ApiServer::start().await;
    let sink = sink(&server, |_| {});
    for number in 0..100 {
        send(&sink, crash(&number.to_string(), &format!("tool-{number}"))).await;
    }
    sink.flush().await;
    assert_eq!(server.requests(), ["POST"; 25]);
    let counts = sink.counts();
    assert_eq!(
        (counts.created, counts.dropped_for(Dropped::Limited)),
        (25, 75)
    );
}

#[tokio::test]
async fn the_limit_is_each_objects_own_and_room_comes_back() {
    let server = ApiServer::start().await;
    let sink = sink(&server, |config| {
        config.rate.burst = 1;
        config.rate.every = Duration::from_millis(20);
    });
    send(&sink, crash("1", "a")).await;
    send(&sink, about("2", "one")).await;
    send(&sink, about("3", "two")).await;
    sink.flush().await;
    assert_eq!(server.events().len(), 3);
    // One more about the pod, as soon as there is room.
    let mut number = 4;
    while server.events().len() < 4 {
        send(&sink, crash(&number.to_string(), &number.to_string())).await;
        sink.flush().await;
        number += 1;
    }
    let counts = sink.counts();
    assert_eq!(
        counts.created + counts.dropped_for(Dropped::Limited),
        number - 1
    );
}

#[tokio::test]
async fn invented_objects_have_a_bound_and_keep_the_pod_out_of_nothing() {
    let server = ApiServer::start().await;
    let sink = sink(&server, |config| config.queue = 5000);
    for number in 0..2000 {
        send(
            &sink,
            about(&number.to_string(), &format!("invented-{number}")),
        )
        .await;
    }
    send(&sink, crash("real", "search")).await;
    sink.flush().await;
    let pods = server.events();
    let pods = pods
        .iter()
        .filter(|event| event["regarding"]["kind"] == "Pod");
    assert_eq!(pods.count(), 1);
    // Some may have come while it went on.
    let invented = server.events().len() - 1;
    assert!(
        (100..150).contains(&invented),
        "{invented} invented objects"
    );
    let counts = sink.counts();
    assert_eq!(counts.created + counts.dropped_for(Dropped::Limited), 2001);
}

/// An event that names an object of its own.
fn about(id: &str, name: &str) -> Event {
    let event = Event::builder(id, "/a", "run.failed").extension("k8skind", "Job");
    event.extension("k8sname", name).build().unwrap()
}
