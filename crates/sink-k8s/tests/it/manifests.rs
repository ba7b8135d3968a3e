use events_core::{Durability, Event, EventSinkExt as _, Severity};
use sink_k8s::Regarding;
use sink_testkit::kubernetes::ApiServer;

use crate::{crash, send, sink};

#[tokio::test]
async fn a_crash_becomes_an_event_of_the_pod() {
    let server = ApiServer::start().await;
    let sink = sink(&server, |_| {});
    let outcome = sink.send(crash("1", "search")).await.unwrap();
    assert_eq!(outcome.receipt().durability(), Durability::None);
    sink.flush().await;

    let events = server.events();
    let [event] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!(event["type"], "Warning");
    assert_eq!(event["reason"], "ToolCrashed");
    assert_eq!(event["action"], "Crashed");
    assert_eq!(event["note"], "search: restart count 3: out of memory 1");
    assert_eq!(event["regarding"]["kind"], "Pod");
    assert_eq!(event["regarding"]["name"], "gateway-0");
    assert_eq!(event["regarding"]["uid"], "5a2c9f3e");
    assert_eq!(event["reportingController"], "consign");
    assert_eq!(event["reportingInstance"], "gateway-0");
    assert!(!event.to_string().contains("hidden"));
    assert_eq!(server.complaints(), [""; 0]);
}

#[tokio::test]
async fn whatever_an_event_says_the_api_takes_it() {
    let server = ApiServer::start().await;
    let sink = sink(&server, |config| {
        config.pod = Regarding::pod("agents", &"a.b-".repeat(63)[..251], None).unwrap();
        config.selection.min_severity = Severity::Debug;
        config.rate.burst = 100;
    });
    let long = "x".repeat(4000);
    let events = [
        ("---", "a", "{}"),
        ("ключ.🔑", "b", r#"{"detail":"\u0000\u001b[31m"}"#),
        (&*long, "c", r#"{"detail":["hidden"]}"#),
        ("3", "d", "[]"),
        ("a.b", &*long, r#"{"detail":"x"}"#),
        ("a.b", "../../\"quoted\"", r#"{"reason":"x"}"#),
    ];
    for (number, (kind, subject, data)) in events.iter().enumerate() {
        for time in [
            "2026-01-01T00:00:00+14:00",
            "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z",
        ] {
            let event = Event::builder(&format!("{number}{time}"), "/a", kind);
            let event = event
                .subject(&format!("{subject}{time}"))
                .time(time)
                .json(data);
            let event = event
                .extension("k8skind", "No Kind")
                .extension("k8sname", "../a");
            send(&sink, event.build().unwrap()).await;
        }
    }
    sink.flush().await;
    assert_eq!(server.complaints(), [""; 0]);
    assert_eq!(server.events().len(), events.len() * 3);
}

#[tokio::test]
async fn what_is_not_selected_is_not_told() {
    let server = ApiServer::start().await;
    let sink = sink(&server, |config| {
        config.selection.categories.insert("tool".into());
    });
    for (id, kind) in [
        ("1", "tool.started"),
        ("2", "run.failed"),
        ("3", "tool.crashed"),
    ] {
        send(&sink, Event::builder(id, "/a", kind).build().unwrap()).await;
    }
    sink.flush().await;
    let reasons: Vec<_> = server
        .events()
        .iter()
        .map(|event| event["reason"].clone())
        .collect();
    assert_eq!(reasons, ["ToolCrashed"]);
}

#[tokio::test]
async fn an_event_may_be_about_another_object_of_the_namespace() {
    let server = ApiServer::start().await;
    let sink = sink(&server, |_| {});
    let event = Event::builder("1", "/a", "run.failed").extension("k8skind", "Job");
    let event = event
        .extension("k8sname", "nightly")
        .extension("k8sapiversion", "batch/v1");
    send(&sink, event.build().unwrap()).await;
    sink.flush().await;
    let events = server.events();
    assert_eq!(events[0]["regarding"]["kind"], "Job");
    assert_eq!(events[0]["regarding"]["apiVersion"], "batch/v1");
    assert_eq!(events[0]["regarding"]["namespace"], "agents");
    assert!(
        events[0]["metadata"]["name"]
            .as_str()
            .unwrap()
            .starts_with("nightly.")
    );
    assert_eq!(server.complaints(), [""; 0]);
}
