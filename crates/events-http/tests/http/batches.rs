use crate::client::{batched, event};
use crate::host::Host;

#[tokio::test]
async fn each_event_of_a_batch_is_answered_in_its_place() {
    let host = Host::start().await;
    let batch = [
        event("a", "t"),
        r#"{"id":1,"type":"t"}"#.to_owned(),
        event("my-secret", "t"),
        event("b", "fate.saturated"),
        r#"{"a":1,"a":2}"#.to_owned(),
        event("c", "fate.spilled"),
    ];
    let answer = host
        .client()
        .await
        .ask(batched(format!("[{}]", batch.join(","))))
        .await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("application/json"))
    );
    let results = answer.json()["results"].as_array().unwrap().clone();
    let of = |key: &str| {
        results
            .iter()
            .map(|result| result[key].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(of("index"), [0, 1, 2, 3, 4, 5]);
    assert_eq!(
        of("outcome"),
        [
            "delivered",
            "refused",
            "delivered",
            "refused",
            "refused",
            "spilled"
        ]
    );
    assert_eq!(
        results[2]["id"], "masked",
        "ids are those that left the chain"
    );
    assert_eq!(
        (&results[0]["id"], &results[0]["source"]),
        (&"a".into(), &"/test".into())
    );
    assert_eq!(results[5]["receipt"]["place"], "spool");
    assert_eq!(results[3]["error"]["kind"], "saturated");
    assert_eq!(results[1]["error"]["kind"], "invalid");
    let detail = results[1]["error"]["detail"].as_str().unwrap();
    assert!(
        ["id", "source", "specversion"]
            .iter()
            .all(|name| detail.contains(name)),
        "{detail}"
    );
    for (place, result) in results.iter().enumerate() {
        let refused = [1, 3, 4].contains(&place);
        for key in ["id", "source", "receipt"] {
            assert_eq!(result.get(key).is_none(), refused, "{place} {key}");
        }
        assert_eq!(result.get("error").is_some(), refused, "{place}");
    }
    assert_eq!(host.kept(), ["a", "masked"]);
    assert_eq!(host.count("received Batched"), 6);
    assert_eq!(host.count("refused invalid"), 2);
}

#[tokio::test]
async fn an_empty_batch_is_a_batch() {
    let host = Host::start().await;
    let answer = host.client().await.ask(batched(" [ ] ")).await;
    assert_eq!(
        (answer.status, answer.body.as_slice()),
        (200, br#"{"results":[]}"#.as_slice())
    );
}

#[tokio::test]
async fn what_is_no_array_is_refused_whole() {
    let host = Host::start().await;
    let mut client = host.client().await;
    for body in ["", "{}", "[", "[1,]", "[] x", "\"\u{0}"] {
        let answer = client.ask(batched(body)).await;
        assert_eq!(answer.status, 400, "{body}");
        assert_eq!(answer.problem()["violations"][0]["attribute"], "event");
    }
}

#[tokio::test]
async fn sizes_are_judged_for_the_batch_and_for_each_event() {
    let host = Host::start_with(|config| {
        config.limits.max_batch = 3;
        config.limits.max_event = 1000;
    })
    .await;
    let mut client = host.client().await;
    let four = [
        event("a", "t"),
        event("b", "t"),
        event("c", "t"),
        event("d", "t"),
    ];
    let answer = client.ask(batched(format!("[{}]", four.join(",")))).await;
    assert_eq!(answer.status, 413);
    assert!(host.kept().is_empty());
    let large = event("a", &"t".repeat(1000));
    let answer = client
        .ask(batched(format!("[{large},{}]", event("b", "t"))))
        .await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["results"][0]["error"]["kind"], "rejected");
    assert_eq!(host.kept(), ["b"]);
}
