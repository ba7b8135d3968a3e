use events_http::{Readiness, Surface};
use serde_json::json;

use crate::client::{get, request};
use crate::host::Host;

const ANSWERS: [(&str, &str, &str); 6] = [
    ("/livez", "application/json", r#"{"alive":true}"#),
    (
        "/readyz",
        "application/json",
        r#"{"ready":true,"degraded":[]}"#,
    ),
    ("/startupz", "application/json", r#"{"started":true}"#),
    ("/metrics", "text/plain; version=0.0.4; charset=utf-8", ""),
    ("/v1/status", "application/json", r#"{"stack":"fate"}"#),
    (
        "/.well-known/jwks.json",
        "application/jwk-set+json",
        r#"{"keys":[]}"#,
    ),
];

#[tokio::test]
async fn each_is_answered_in_its_form() {
    let host = Host::start().await;
    let mut client = host.client().await;
    for (path, form, body) in ANSWERS {
        let answer = client.ask(get(path)).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, Some(form)),
            "{path}"
        );
        assert_eq!(String::from_utf8(answer.body).unwrap(), body);
        client.send(request("HEAD", path, "", "")).await;
        let head = client.answer_to_head().await;
        assert_eq!(
            (head.status, head.header("content-type")),
            (200, Some(form)),
            "{path}"
        );
        assert_eq!(
            head.header("content-length"),
            Some(body.len().to_string().as_str())
        );
        let answer = client.ask(request("POST", path, "", "")).await;
        assert_eq!(
            (answer.status, answer.header("allow")),
            (405, Some("GET,HEAD")),
            "{path}"
        );
        answer.problem();
        assert_eq!(host.count(&format!("GET {path} 200")), 1);
        assert_eq!(host.count(&format!("HEAD {path} 200")), 1);
    }
}

#[tokio::test]
async fn what_is_not_ready_says_why_and_lives_on() {
    let host = Host::start().await;
    *host.state.readiness.lock().unwrap() = Readiness {
        ready: false,
        degraded: vec!["the journal's disk is full".into()],
    };
    let mut client = host.client().await;
    let answer = client.ask(get("/readyz")).await;
    assert_eq!(answer.status, 503);
    assert_eq!(
        answer.json(),
        json!({ "ready": false, "degraded": ["the journal's disk is full"] })
    );
    assert_eq!(client.ask(get("/startupz")).await.status, 503);
    assert_eq!(client.ask(get("/livez")).await.status, 200);
}

#[tokio::test]
async fn probes_can_have_an_address_of_their_own() {
    for (surface, served) in [
        (
            Surface::Events,
            ["/v1/status", "/.well-known/jwks.json"].as_slice(),
        ),
        (
            Surface::Probes,
            &["/livez", "/readyz", "/startupz", "/metrics"],
        ),
    ] {
        let host = Host::start_with(|config| config.surface = surface).await;
        let mut client = host.client().await;
        for (path, ..) in ANSWERS {
            let found = client.ask(get(path)).await.status == 200;
            assert_eq!(found, served.contains(&path), "{surface:?} {path}");
        }
        let post = client.ask(request("POST", "/v1/events", "", "")).await;
        assert_eq!(post.status == 404, surface == Surface::Probes);
    }
}

#[tokio::test]
async fn a_scraper_gets_metrics_in_the_form_it_asks_for() {
    let host = Host::start().await;
    let metrics = "# HELP a b.\n# TYPE a counter\na_total 1\n# EOF\n";
    metrics.clone_into(&mut host.state.metrics.lock().unwrap());
    let mut client = host.client().await;
    let plain = client.ask(get("/metrics")).await;
    let text = "# HELP a_total b.\n# TYPE a_total counter\na_total 1\n";
    assert_eq!(String::from_utf8(plain.body).unwrap(), text);
    let accept = "accept: application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.3\r\n";
    let open = client.ask(request("GET", "/metrics", accept, "")).await;
    assert_eq!(
        open.header("content-type"),
        Some("application/openmetrics-text; version=1.0.0; charset=utf-8")
    );
    assert_eq!(String::from_utf8(open.body).unwrap(), metrics);
}
