use events_core::Data;

use crate::client::{Answer, event, get, request, structured};
use crate::host::Host;

#[tokio::test]
async fn a_structured_event_is_answered_with_its_place() {
    let host = Host::start().await;
    let answer = host.client().await.ask(structured(event("1", "t"))).await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("consign-outcome"), Some("delivered"));
    assert_eq!(
        answer.header("consign-receipt"),
        Some(r#"{"place":"noop"}"#)
    );
    assert_eq!(host.kept(), ["1"]);
    assert_eq!(host.count("received Structured"), 1);
}

#[tokio::test]
async fn a_binary_event_keeps_its_data_and_its_attributes() {
    let host = Host::start().await;
    let headers = "Content-Type: application/json\r\nCE-specversion: 1.0\r\nce-ID: 1\r\n\
                   ce-source: /test\r\nce-type: t\r\nce-note: Euro%20%E2%82%AC\r\n";
    let post = request("POST", "/v1/events", headers, r#"{"a": 1.10}"#);
    assert_eq!(host.client().await.ask(post).await.status, 204);
    let kept = host.state.sink.kept.events().remove(0).to_event().unwrap();
    assert_eq!(kept.extension("note").unwrap().to_canonical(), "Euro €");
    let Some(Data::Json(json)) = kept.data() else {
        panic!("JSON data");
    };
    assert_eq!(json.as_str(), r#"{"a": 1.10}"#);
    assert_eq!(host.count("received Binary"), 1);
}

#[tokio::test]
async fn a_spilled_event_says_so_in_characters_that_a_header_can_carry() {
    let host = Host::start().await;
    let answer = host
        .client()
        .await
        .ask(structured(event("1", "fate.spilled")))
        .await;
    assert_eq!(
        (answer.status, answer.header("consign-outcome")),
        (204, Some("spilled"))
    );
    let receipt = answer.header("consign-receipt").unwrap();
    assert!(receipt.is_ascii());
    let receipt: serde_json::Value = serde_json::from_str(receipt).unwrap();
    assert_eq!(receipt["place"], "spool");
    assert_eq!(receipt["segment"], "é\u{1f600}.seg");
}

#[tokio::test]
async fn every_kind_of_refusal_has_its_status() {
    let host = Host::start().await;
    let mut client = host.client().await;
    for (kind, status, name, retried) in [
        ("fate.rejected", 422, "rejected", false),
        ("fate.oversize", 413, "too-large", false),
        ("fate.saturated", 429, "saturated", true),
        ("fate.unavailable", 503, "unavailable", true),
        ("fate.config", 503, "config", true),
        ("fate.silence", 503, "unavailable", true),
        ("fate.panic", 500, "internal", false),
    ] {
        let answer = client.ask(structured(event("1", kind))).await;
        assert_eq!(answer.status, status, "{kind}");
        assert_eq!(
            answer.problem()["type"],
            format!("urn:consign:problem:{name}")
        );
        assert_eq!(answer.header("retry-after").is_some(), retried, "{kind}");
    }
    assert_eq!(host.count("refused unavailable"), 2);
    assert_eq!(host.count("POST /v1/events 503"), 3);
}

#[tokio::test]
async fn every_violation_is_named_and_no_value() {
    let host = Host::start().await;
    let bad = r#"{"specversion":"0.9","id":"","source":"can ary","Canary":"x","sampledrate":1e999,
                  "time":"canary","data":1}"#;
    let answer = host.client().await.ask(structured(bad)).await;
    assert_eq!(answer.status, 400);
    let text = String::from_utf8(answer.body.clone())
        .unwrap()
        .to_lowercase();
    assert!(
        !text.contains("canary") && !text.contains("can ary"),
        "{text}"
    );
    let problem = answer.problem();
    let violations = problem["violations"].as_array().unwrap();
    let mut names: Vec<_> = violations
        .iter()
        .map(|found| found["attribute"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "an extension attribute",
            "id",
            "sampledrate",
            "source",
            "specversion",
            "time",
            "type"
        ]
    );
    assert!(violations.iter().all(|found| found["problem"].is_string()));
    assert_eq!(host.count("refused invalid"), 1);
    assert!(host.kept().is_empty());
}

#[tokio::test]
async fn what_the_chain_refuses_to_prepare_lists_its_violations_too() {
    let host = Host::start().await;
    let foreign = r#"{"specversion":"1.0","id":"1","source":"/s","type":"t","tenantid":"a.b"}"#;
    let answer = host.client().await.ask(structured(foreign)).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.problem()["violations"][0]["attribute"], "tenantid");
}

#[tokio::test]
async fn forms_that_are_not_understood_are_415() {
    let host = Host::start().await;
    let mut client = host.client().await;
    for headers in [
        "content-type: application/cloudevents+avro\r\n",
        "content-type: application/cloudevents+json; charset=utf-16\r\n",
        "content-type: application/cloudevents+json\r\ncontent-encoding: gzip\r\n",
        "content-type: application/cloudevents+json\r\ncontent-encoding: identity\r\ncontent-encoding: br\r\n",
        "content-type: application/json\r\n",
        "content-type: \u{e9}\r\n",
        "",
    ] {
        let answer = client
            .ask(request("POST", "/v1/events", headers, event("1", "t")))
            .await;
        assert_eq!(answer.status, 415, "{headers}");
        answer.problem();
    }
    let plain = "content-type: application/cloudevents+json\r\ncontent-encoding: Identity\r\n";
    let answer = client
        .ask(request("POST", "/v1/events", plain, event("1", "t")))
        .await;
    assert_eq!(answer.status, 204);
}

#[tokio::test]
async fn other_paths_and_methods_are_told_apart() {
    let host = Host::start().await;
    let mut client = host.client().await;
    let answer = client.ask(get("/v1/nothing")).await;
    assert_eq!(
        (answer.status, &answer.problem()["type"]),
        (404, &"urn:consign:problem:not-found".into())
    );
    for method in ["PUT", "DELETE", "PATCH", "BREW", "OPTIONS"] {
        let answer = client.ask(request(method, "/v1/events", "", "")).await;
        assert_eq!(answer.status, 405, "{method}");
        answer.problem();
        assert_eq!(
            allowed(&answer),
            ["GET", "HEAD", "OPTIONS", "POST"],
            "{method}"
        );
    }
    assert_eq!(host.count("GET unmatched 404"), 1);
    assert_eq!(host.count("OTHER /v1/events 405"), 1);
}

#[tokio::test]
async fn the_webhook_handshake_welcomes_any_origin() {
    let host = Host::start().await;
    let headers = "webhook-request-origin: events.example\r\nwebhook-request-rate: 120\r\n";
    let answer = host
        .client()
        .await
        .ask(request("OPTIONS", "/v1/events", headers, ""))
        .await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("webhook-allowed-origin"), Some("*"));
    assert_eq!(answer.header("webhook-allowed-rate"), Some("*"));
    assert_eq!(allowed(&answer), ["GET", "HEAD", "OPTIONS", "POST"]);
}

fn allowed(answer: &Answer) -> Vec<&str> {
    let mut methods: Vec<_> = answer
        .header("allow")
        .unwrap()
        .split(',')
        .map(str::trim)
        .collect();
    methods.sort_unstable();
    methods
}
