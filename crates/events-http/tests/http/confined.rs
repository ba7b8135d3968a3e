//! What those see who may see the events of some tenants alone.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use events_http::{DlqArea, DlqEntry, DlqPage, Tokens};
use serde_json::{Value, json};

use crate::client::request;
use crate::host::Host;
use crate::spool::Spool;

#[tokio::test]
async fn the_spool_shows_the_records_of_ones_tenants_alone() {
    let (host, spool) = host().await;
    for careless in [false, true] {
        spool.careless.store(careless, Ordering::Relaxed);
        for (token, query, found) in [
            ("all", "", &[1, 2, 3, 4, 5, 6][..]),
            ("tail", "", &[1, 2, 3, 4, 5, 6]),
            ("acme", "", &[1, 3, 6]),
            ("acme", "?tenant=acme&area=dead", &[3]),
            ("two", "", &[1, 2, 3, 5, 6]),
            ("two", "?tenant=initech", &[2, 5]),
        ] {
            let page = page(&host, token, query).await;
            let ids: Vec<u64> = page.records.iter().map(|record| record.id).collect();
            assert_eq!(ids, found, "{token} {query}");
            let whole = matches!(token, "all" | "tail");
            assert_eq!(page.totals.is_some(), whole, "{token} {query}");
        }
    }
    let answer = ask(&host, "acme", "GET", "/v1/dlq?tenant=initech").await;
    assert_eq!(answer.status, 403);
    let answer = ask(&host, "acme", "GET", "/v1/dlq").await;
    assert!(!text(&answer).contains("initech"), "{}", text(&answer));
    assert!(!text(&answer).contains("totals"), "{}", text(&answer));
}

#[tokio::test]
async fn pages_of_some_tenants_follow_one_another_without_a_gap() {
    let (host, _spool) = host().await;
    let (mut seen, mut query) = (Vec::new(), "?limit=2".to_owned());
    loop {
        let page = page(&host, "two", &query).await;
        assert!(page.records.len() <= 2);
        seen.extend(page.records.iter().map(|record| record.id));
        let Some(next) = page.next else { break };
        query = format!("?limit=2&after={next}");
    }
    assert_eq!(seen, [1, 2, 3, 5, 6]);
}

#[tokio::test]
async fn a_record_of_another_tenant_is_as_good_as_none() {
    let (host, spool) = host().await;
    let own = ask(&host, "acme", "GET", "/v1/dlq/3").await;
    assert_eq!(own.status, 200);
    let entry = DlqEntry::from_json(&own.body).unwrap();
    assert_eq!(entry.summary.tenant, "acme");
    let others = ask(&host, "acme", "GET", "/v1/dlq/2").await;
    let none = ask(&host, "acme", "GET", "/v1/dlq/77").await;
    assert_eq!((others.status, &others.body), (404, &none.body));
    for (method, path) in [("DELETE", "/v1/dlq/3"), ("POST", "/v1/dlq/redrive")] {
        assert_eq!(ask(&host, "acme", method, path).await.status, 403, "{path}");
    }
    assert_eq!(spool.ids().len(), 6);
}

#[tokio::test]
async fn the_status_tells_nothing_of_others_nor_of_the_machine() {
    let (host, _spool) = host().await;
    *host.state.status.lock().unwrap() = json!({
        "version": "1.2.3", "stack": "sign(journal)",
        "breaker": {"state": "reconnecting", "attempt": 4, "reason": "SECRET 10.0.0.7"},
        "nats": {"connected": false, "server": "nats://SECRET:4222"},
        "spool": {"state": "failed", "reason": "SECRET /var/lib", "waiting": 4711},
        "journal": null,
        "signer": {"keyid": "7f3a", "run": "SECRET", "chains": 4711},
        "counters": {"accepted": 4711},
        "streams": [{"name": "SECRET_INITECH"}],
        "later": "SECRET",
    });
    let whole = ask(&host, "count", "GET", "/v1/status").await;
    assert!(text(&whole).contains("SECRET") && text(&whole).contains("4711"));
    let answer = ask(&host, "acme", "GET", "/v1/status").await;
    let view: Value = answer.json();
    let expected = json!({
        "confined": true, "version": "1.2.3", "stack": "sign(journal)",
        "breaker": {"state": "reconnecting"}, "nats": {"connected": false},
        "spool": {"state": "failed"}, "journal": null, "signer": {"keyid": "7f3a"},
    });
    assert_eq!(view, expected);
}

async fn host() -> (Host, Arc<Spool>) {
    let spool = Spool::of(&[
        (1, DlqArea::Waiting, "a"),
        (2, DlqArea::Waiting, "a"),
        (3, DlqArea::Dead, "a"),
        (4, DlqArea::Dead, "a"),
        (5, DlqArea::SetAside, "a"),
        (6, DlqArea::Waiting, "a"),
    ]);
    for (id, entry) in spool.records.lock().unwrap().iter_mut() {
        entry.summary.tenant = match id {
            1 | 3 | 6 => "acme",
            4 => "hooli",
            _ => "initech",
        }
        .to_owned();
    }
    let spool = Arc::new(spool);
    let host = Host::start_on(Some(spool.clone()), |config| {
        let mut tokens = Tokens::default();
        for (token, scopes) in [
            ("all", "admin"),
            ("tail", "tail"),
            ("acme", "tail:acme"),
            ("two", "tail:initech,tail:acme"),
            ("count", "metrics"),
        ] {
            let scopes = scopes.split(',').map(|scope| scope.parse().unwrap());
            tokens.add(token.parse().unwrap(), scopes);
        }
        config.tokens = tokens;
    })
    .await;
    (host, spool)
}

async fn ask(host: &Host, token: &str, method: &str, path: &str) -> crate::client::Answer {
    let header = format!("authorization: Bearer {token}\r\n");
    let mut client = host.client().await;
    client.ask(request(method, path, &header, "")).await
}

fn text(answer: &crate::client::Answer) -> String {
    String::from_utf8(answer.body.clone()).unwrap()
}

async fn page(host: &Host, token: &str, query: &str) -> DlqPage {
    let answer = ask(host, token, "GET", &format!("/v1/dlq{query}")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    serde_json::from_value(answer.json()).unwrap()
}
