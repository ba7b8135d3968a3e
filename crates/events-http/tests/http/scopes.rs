use events_http::Tokens;
use serde_json::json;

use crate::client::{event, get, request};
use crate::host::Host;
use crate::shelf::Shelf;
use crate::sse::{Said, Watcher};

pub(crate) fn tokens(list: &[(&str, &str)]) -> Tokens {
    let mut tokens = Tokens::default();
    for (token, scopes) in list {
        let scopes = scopes.split(',').map(|scope| scope.parse().unwrap());
        tokens.add(token.parse().unwrap(), scopes);
    }
    tokens
}

fn everybodys() -> Tokens {
    tokens(&[
        ("all", "admin"),
        ("in", "ingest:*"),
        ("in-acme", "ingest:acme"),
        ("in-two", "ingest:acme,ingest:initech"),
        ("see", "tail"),
        ("see-acme", "tail:acme"),
        ("count", "metrics"),
        ("both", "ingest:acme,tail:acme"),
    ])
}

async fn host() -> (Host, std::sync::Arc<Shelf>) {
    let shelf = Shelf::empty();
    for tenant in ["acme", "initech", "acme"] {
        shelf.add(tenant, 10);
    }
    let host = Host::start_keeping(&shelf, |config| {
        config.tokens = everybodys();
        config.token = Some("single".parse().unwrap());
    })
    .await;
    (host, shelf)
}

pub(crate) fn bearer(token: &str) -> String {
    format!("authorization: Bearer {token}\r\n")
}

/// Which of ingest, history, tail, metrics, status, spool and its records a token opens.
#[tokio::test]
async fn a_token_opens_what_its_scopes_say() {
    let (host, _shelf) = host().await;
    for (token, opens) in [
        ("all", "ihtmsdr"),
        ("single", "ihtmsdr"),
        ("in", "i"),
        ("in-acme", "i"),
        ("in-two", "i"),
        ("see", "htsr"),
        ("see-acme", "htsr"),
        ("count", "ms"),
        ("both", "ihtsr"),
    ] {
        for (letter, method, path) in [
            ('i', "POST", "/v1/events"),
            ('i', "OPTIONS", "/v1/events"),
            ('h', "GET", "/v1/events?bad"),
            ('h', "HEAD", "/v1/events?bad"),
            ('t', "GET", "/v1/events/stream?bad"),
            ('m', "GET", "/metrics"),
            ('s', "GET", "/v1/status"),
            ('r', "GET", "/v1/dlq"),
            ('r', "GET", "/v1/dlq/1"),
            ('d', "DELETE", "/v1/dlq/1"),
            ('d', "POST", "/v1/dlq/redrive"),
        ] {
            let mut client = host.client().await;
            client.send(request(method, path, &bearer(token), "")).await;
            let answer = match method {
                "HEAD" => client.answer_to_head().await,
                _ => client.answer().await,
            };
            let what = format!("{token}: {method} {path} {}", answer.status);
            assert_eq!(answer.status != 403, opens.contains(letter), "{what}");
            assert_ne!(answer.status, 401, "{what}");
            if answer.status == 403 {
                let challenge = answer.header("www-authenticate").unwrap();
                assert!(challenge.contains("error=\"insufficient_scope\""), "{what}");
            }
        }
        let mut client = host.client().await;
        for path in ["/livez", "/readyz", "/startupz", "/.well-known/jwks.json"] {
            assert_eq!(client.ask(get(path)).await.status, 200, "{path}");
        }
        let nothing = request("GET", "/v1/nothing", &bearer(token), "");
        assert_eq!(client.ask(nothing).await.status, 404);
    }
}

#[tokio::test]
async fn one_sees_the_events_of_ones_tenants_alone() {
    let (host, shelf) = host().await;
    let mut client = host.client().await;
    for (token, query, found) in [
        ("see", "", 3),
        ("see", "?tenant=initech", 1),
        ("see-acme", "", 2),
        ("see-acme", "?tenant=acme", 2),
    ] {
        let path = format!("/v1/events{query}");
        client.send(request("GET", &path, &bearer(token), "")).await;
        client.head().await;
        let (body, whole) = client.chunked_body().await;
        assert_eq!(
            (body.lines().count(), whole),
            (found, true),
            "{token} {query}"
        );
    }
    for path in ["/v1/events", "/v1/events/stream"] {
        let path = format!("{path}?tenant=initech");
        let answer = client
            .ask(request("GET", &path, &bearer("see-acme"), ""))
            .await;
        assert_eq!(answer.status, 403, "{path}");
        answer.problem();
    }
    let mut watcher = Watcher::start(host.addr, "?after=S:0", &bearer("see-acme")).await;
    assert_eq!([watcher.number().await, watcher.number().await], [1, 3]);
    shelf.add("initech", 10);
    shelf.add("acme", 10);
    assert!(matches!(watcher.says().await, Said::Message { id, .. } if id == "S:5"));
}

/// A host that does not filter is its own fault, and still nothing of another tenant is shown.
#[tokio::test]
async fn a_careless_port_shows_nothing_of_others() {
    let (host, shelf) = host().await;
    *shelf.careless.lock().unwrap() = true;
    let mut client = host.client().await;
    client
        .send(request("GET", "/v1/events", &bearer("see-acme"), ""))
        .await;
    client.head().await;
    let (body, _) = client.chunked_body().await;
    assert_eq!(body.lines().count(), 2);
    assert!(!body.contains("initech"));
    let mut watcher = Watcher::start(host.addr, "?after=S:0", &bearer("see-acme")).await;
    assert_eq!([watcher.number().await, watcher.number().await], [1, 3]);
}

#[tokio::test]
async fn one_hands_over_the_events_of_ones_tenants_alone() {
    let (host, _shelf) = host().await;
    let mut client = host.client().await;
    let of = |id: &str, tenant: &str| {
        let tenant = format!(r#""tenantid":"{tenant}","data""#);
        event(id, "t").replace(r#""data""#, &tenant)
    };
    let by_data = |id: &str| event(id, "t").replace(r#"{"n":1.10}"#, r#"{"tenantId":"initech"}"#);
    for (token, event, status) in [
        ("in", of("1", "initech"), 204),
        ("in-acme", of("2", "acme"), 204),
        ("in-acme", event("3", "t"), 204),
        ("in-acme", of("x", "initech"), 403),
        ("in-acme", by_data("x"), 403),
        ("in-acme", of("x", "a.b"), 400),
        ("in-two", of("4", "initech"), 204),
        ("in-two", event("x", "t"), 403),
        ("in-two", of("x", "single"), 403),
    ] {
        let headers = bearer(token) + "content-type: application/cloudevents+json\r\n";
        let answer = client
            .ask(request("POST", "/v1/events", &headers, &event))
            .await;
        assert_eq!(answer.status, status, "{token}: {event}");
    }
    assert_eq!(host.kept(), ["1", "2", "3", "4"]);
    let tenants: Vec<String> = host
        .state
        .sink
        .kept
        .events()
        .iter()
        .map(|event| event.tenant().to_string())
        .collect();
    assert_eq!(tenants, ["initech", "acme", "acme", "initech"]);

    let headers = bearer("in-acme") + "content-type: application/cloudevents-batch+json\r\n";
    let batch = format!(
        "[{},{},{}]",
        of("5", "acme"),
        of("x", "initech"),
        of("6", "acme")
    );
    let answer = client
        .ask(request("POST", "/v1/events", &headers, batch))
        .await;
    let outcomes = |field: &str| {
        let answer = answer.json();
        let results = answer["results"].as_array().unwrap();
        results
            .iter()
            .map(|item| item[field].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(outcomes("outcome"), ["delivered", "refused", "delivered"]);
    assert_eq!(outcomes("error")[1]["kind"], json!("rejected"));
    assert!(!answer.json().to_string().contains("initech"));
}

/// A token that is taken away, or narrowed, is no good from then on, for what goes on already too.
#[tokio::test]
async fn a_token_that_is_taken_away_ends_its_tails() {
    let (host, shelf) = host().await;
    let mut stays = Watcher::start(host.addr, "?after=S:0", &bearer("see")).await;
    let mut narrowed = Watcher::start(host.addr, "", &bearer("all")).await;
    let mut goes = Watcher::start(host.addr, "", &bearer("see-acme")).await;
    host.keyring.replace(tokens(&[
        ("see", "tail"),
        ("all", "tail:acme"),
        ("new", "tail"),
    ]));
    assert_eq!(goes.says().await, Said::End);
    assert_eq!(narrowed.says().await, Said::End);
    for number in 1..=3 {
        assert_eq!(stays.number().await, number);
    }
    shelf.add("initech", 10);
    assert_eq!(stays.number().await, 4);
    let mut client = host.client().await;
    for (token, status) in [
        ("see-acme", 401),
        ("single", 401),
        ("new", 200),
        ("in", 401),
    ] {
        let ask = request("HEAD", "/v1/events", &bearer(token), "");
        client.send(ask).await;
        assert_eq!(client.answer_to_head().await.status, status, "{token}");
    }
}
