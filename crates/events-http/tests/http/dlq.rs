use std::sync::Arc;
use std::time::Duration;

use events_core::ErrorKind;
use events_http::{DlqArea, DlqEntry, DlqPage, DlqQuery, DlqReport, DlqSelection, DlqTrouble};

use crate::client::{Answer, get, request};
use crate::host::Host;
use crate::spool::Spool;

#[tokio::test]
async fn a_list_is_one_document_and_filters_and_pages() {
    let (host, spool) = with(&RECORDS).await;
    let mut client = host.client().await;
    let answer = client.ask(get("/v1/dlq")).await;
    assert_eq!(answer.status, 200);
    let json = answer.json();
    assert_eq!(json["kind"], "DlqList");
    assert_eq!(json["items"][0]["id"], "00000000000000000007");
    assert_eq!(json["items"][0]["kind"], "unavailable");
    assert_eq!(json["items"][1]["area"], "set-aside");
    assert_eq!(json["totals"]["waiting"], RECORDS.len());
    let page: DlqPage = serde_json::from_value(json).unwrap();
    assert_eq!((ids(&page), page.next), (spool.ids(), None));

    for (query, found) in [
        ("area=dead", &[13][..]),
        ("area=set-aside,waiting", &[7, 9]),
        ("subject=consign.events.*.run.%3E", &[7, 13]),
        ("type=audit.x", &[9]),
        ("after=7", &[9, 13]),
        ("tenant=single&kind=unavailable", &[7, 9, 13]),
    ] {
        let page = list(&client.ask(get(&format!("/v1/dlq?{query}"))).await);
        assert_eq!(ids(&page), found, "{query}");
    }
    let first = list(&client.ask(get("/v1/dlq?limit=2")).await);
    let after = first.next.unwrap();
    let rest = list(
        &client
            .ask(get(&format!("/v1/dlq?limit=2&after={after}")))
            .await,
    );
    assert_eq!(
        (ids(&first), ids(&rest), rest.next),
        (vec![7, 9], vec![13], None)
    );
}

#[tokio::test]
async fn every_mistake_of_a_query_is_told_at_once() {
    let (host, _) = with(&RECORDS).await;
    let path = "/v1/dlq?area=hell&limit=1001&after=x&evryone=1&subject=a..b";
    let answer = host.client().await.ask(get(path)).await;
    assert_eq!(answer.status, 400);
    let problem = answer.problem();
    assert_eq!(
        problem["violations"].as_array().unwrap().len(),
        5,
        "{problem}"
    );
    assert!(!problem.to_string().contains("evryone"));
}

#[tokio::test]
async fn a_record_is_shown_with_its_event_byte_for_byte() {
    let (host, spool) = with(&RECORDS).await;
    let mut client = host.client().await;
    let answer = client.ask(get("/v1/dlq/7")).await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("application/json"))
    );
    let entry = DlqEntry::from_json(&answer.body).unwrap();
    assert_eq!(entry, spool.records.lock().unwrap()[&7]);
    let same = client.ask(get("/v1/dlq/00000000000000000007")).await;
    assert_eq!(same.body, answer.body);
    let gone = client.ask(get("/v1/dlq/8")).await;
    assert_eq!(gone.status, 404);
    assert!(
        gone.problem()["detail"]
            .as_str()
            .unwrap()
            .contains("no record")
    );
}

#[tokio::test]
async fn a_record_that_holds_no_json_is_no_answer() {
    let (host, spool) = with(&RECORDS).await;
    spool.records.lock().unwrap().get_mut(&7).unwrap().event = "{\"s3cret".into();
    let answer = host.client().await.ask(get("/v1/dlq/7")).await;
    assert_eq!(answer.status, 500);
    assert!(!answer.problem().to_string().contains("s3cret"));
}

#[tokio::test]
async fn hostile_ids_are_refused_and_reach_nothing() {
    let (host, spool) = with(&RECORDS).await;
    spool.gate.close();
    let mut client = host.client().await;
    for (id, status) in [
        ("-1", 400),
        ("+7", 400),
        ("7.0", 400),
        ("0x7", 400),
        ("18446744073709551616", 400),
        ("000000000000000000007", 400),
        ("%2e%2e%2f7", 400),
        ("7%00", 400),
        ("%ff", 400),
        ("../7", 404),
        ("7/8", 404),
        ("", 404),
    ] {
        for method in ["GET", "DELETE"] {
            let answer = client
                .ask(request(method, &format!("/v1/dlq/{id}"), "", ""))
                .await;
            assert_eq!(answer.status, status, "{method} {id}");
            answer.problem();
        }
    }
    for (method, path) in [
        ("GET", "/v1/dlq/redrive"),
        ("DELETE", "/v1/dlq/redrive"),
        ("DELETE", "/v1/dlq"),
        ("POST", "/v1/dlq"),
        ("POST", "/v1/dlq/7"),
    ] {
        let answer = client.ask(request(method, path, "", "")).await;
        assert_eq!(answer.status, 405, "{method} {path}");
    }
}

#[tokio::test]
async fn a_record_is_dropped_once() {
    let (host, spool) = with(&RECORDS).await;
    let mut client = host.client().await;
    let delete = request("DELETE", "/v1/dlq/9", "", "");
    assert_eq!(client.ask(&delete).await.status, 204);
    assert_eq!(spool.ids(), [7, 13]);
    assert_eq!(client.ask(&delete).await.status, 404);
}

#[tokio::test]
async fn a_redrive_says_what_became_of_each() {
    let (host, spool) = with(&RECORDS).await;
    let mut client = host.client().await;
    let answer = client.ask(redrive(r#"{"ids":["13",7]}"#)).await;
    assert_eq!(
        (answer.status, &answer.json()["kind"]),
        (200, &"DlqReport".into())
    );
    let report: DlqReport = serde_json::from_value(answer.json()).unwrap();
    assert_eq!((report.stored, report.left), (1, 2));
    assert_eq!(
        (report.failed[0].id, report.failed[0].kind),
        (13, ErrorKind::Rejected)
    );
    client.ask(redrive(r#"{"all":true}"#)).await;
    client
        .ask(redrive(r#"{"query":{"area":["dead"],"type":"t"}}"#))
        .await;
    let dead = DlqQuery {
        areas: [DlqArea::Dead].into(),
        event_type: Some("t".into()),
        limit: DlqQuery::UNBOUNDED,
        ..DlqQuery::default()
    };
    assert_eq!(
        *spool.asked.lock().unwrap(),
        [
            DlqSelection::Ids(vec![7, 13]),
            DlqSelection::All,
            DlqSelection::Query(dead)
        ]
    );
}

#[tokio::test]
async fn a_redrive_of_nothing_or_from_a_page_is_refused() {
    let (host, spool) = with(&RECORDS).await;
    let mut client = host.client().await;
    for body in [
        "",
        "{}",
        r#"{"all":false}"#,
        r#"{"ids":[]}"#,
        r#"{"query":{}}"#,
    ] {
        let answer = client.ask(redrive(body)).await;
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.problem()["violations"].is_array(), "{body}");
    }
    for headers in [
        "",
        "content-type: text/plain\r\n",
        "content-type: application/json\r\ncontent-type: application/json\r\n",
        "content-type: application/json\r\ncontent-encoding: gzip\r\n",
    ] {
        let all = request("POST", "/v1/dlq/redrive", headers, r#"{"all":true}"#);
        assert_eq!(client.ask(all).await.status, 415, "{headers}");
    }
    assert!(spool.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_long_redrive_goes_on_alone_and_says_so() {
    let spool = Arc::new(Spool::of(&RECORDS));
    let host = Host::start_on(Some(spool.clone()), |config| {
        config.limits.answer_timeout = Duration::from_millis(50);
    })
    .await;
    let mut client = host.client().await;
    spool.gate.forget_permits(1000);
    let answer = client.ask(redrive(r#"{"all":true}"#)).await;
    assert_eq!(
        (answer.status, &answer.json()["kind"]),
        (202, &"DlqRedriving".into())
    );
    let second = client.ask(redrive(r#"{"all":true}"#)).await;
    assert_eq!(second.status, 409);
    assert!(second.header("retry-after").is_some());
    second.problem();
    let slow = client.ask(get("/v1/dlq")).await;
    assert_eq!(slow.status, 504);
    slow.problem();
    spool.gate.add_permits(1000);
    while spool.ids() != [13] {
        tokio::task::yield_now().await;
    }
    while client.ask(redrive(r#"{"ids":[13]}"#)).await.status == 409 {}
}

#[tokio::test]
async fn a_spool_in_trouble_or_none_says_so() {
    let (host, spool) = with(&RECORDS).await;
    let none = Host::start().await;
    let asks = [
        get("/v1/dlq"),
        get("/v1/dlq/7"),
        request("DELETE", "/v1/dlq/7", "", ""),
        redrive(r#"{"all":true}"#),
    ];
    for ask in &asks {
        let mut client = host.client().await;
        let absent = none.client().await.ask(ask).await;
        *spool.trouble.lock().unwrap() = Some(DlqTrouble::Absent);
        let gone = client.ask(ask).await;
        for answer in [absent, gone] {
            assert_eq!(answer.status, 404);
            assert_eq!(answer.problem()["type"], "urn:consign:problem:no-spool");
        }
        *spool.trouble.lock().unwrap() = Some(DlqTrouble::Failed("read the spool".into()));
        let failed = client.ask(ask).await;
        assert_eq!(
            (failed.status, &failed.problem()["detail"]),
            (500, &"read the spool".into())
        );
        *spool.trouble.lock().unwrap() = Some(DlqTrouble::Failed("panic".into()));
        assert_eq!(client.ask(ask).await.status, 500);
    }
    assert_eq!(spool.ids(), [7, 9, 13]);
}

#[tokio::test]
async fn metrics_name_the_route_and_no_id() {
    let (host, _) = with(&RECORDS).await;
    let mut client = host.client().await;
    client.ask(get("/v1/dlq/7")).await;
    client.ask(get("/v1/dlq?limit=1")).await;
    assert_eq!(host.count("GET /v1/dlq/{id} 200"), 1);
    assert_eq!(host.count("GET /v1/dlq 200"), 1);
}

const RECORDS: [(u64, DlqArea, &str); 3] = [
    (7, DlqArea::Waiting, "run.started"),
    (9, DlqArea::SetAside, "audit.x"),
    (13, DlqArea::Dead, "run.done"),
];

async fn with(records: &[(u64, DlqArea, &str)]) -> (Host, Arc<Spool>) {
    let spool = Arc::new(Spool::of(records));
    (Host::start_on(Some(spool.clone()), |_| {}).await, spool)
}

fn redrive(body: &str) -> Vec<u8> {
    let headers = "content-type: application/json\r\n";
    request("POST", "/v1/dlq/redrive", headers, body)
}

fn list(answer: &Answer) -> DlqPage {
    assert_eq!(answer.status, 200, "{answer:?}");
    serde_json::from_value(answer.json()).unwrap()
}

fn ids(page: &DlqPage) -> Vec<u64> {
    page.records.iter().map(|record| record.id).collect()
}
