//! The live tail while what stores the events is away, and how it begins.

use std::time::Duration;

use events_http::{Destination, HistoryTrouble, TailItem};
use serde_json::Value;

use crate::client::get;
use crate::host::Host;
use crate::scopes::{bearer, tokens};
use crate::shelf::{Shelf, Trouble, sealed};
use crate::sse::{Said, Watcher};

#[tokio::test]
async fn what_is_spilled_comes_at_once_and_counts_when_it_is_stored() {
    let shelf = Shelf::empty();
    let host = Host::start_keeping(&shelf, |_| {}).await;
    let mut watcher = Watcher::start(host.addr, "?limit=1", "").await;
    let say = |item| shelf.said.send(item).unwrap();
    say(TailItem::Destination(Destination::Away));
    let Said::Notice(notice) = watcher.says().await else {
        panic!("that it is away comes first");
    };
    assert_eq!(notice["destination"], "away");
    assert!(
        notice["text"].as_str().unwrap().contains("away"),
        "{notice}"
    );
    for _ in 0..3 {
        let event = sealed("1", "single", 10);
        let data = String::from_utf8(event.bytes().to_vec()).unwrap();
        say(TailItem::Spilled { event });
        assert_eq!(watcher.says().await, Said::Spilled(data));
    }
    say(TailItem::Destination(Destination::Back));
    let Said::Notice(notice) = watcher.says().await else {
        panic!("that it is back comes next");
    };
    assert_eq!(notice["destination"], "back");
    shelf.add("single", 10);
    assert_eq!(watcher.number().await, 1);
    assert_eq!(
        watcher.says().await,
        Said::End,
        "the limit counts what is stored"
    );
}

#[tokio::test]
async fn nobody_sees_what_another_tenants_events_spill() {
    let shelf = Shelf::empty();
    let host = Host::start_keeping(&shelf, |config| {
        config.tokens = tokens(&[
            ("all", "tail"),
            ("acme", "tail:acme"),
            ("two", "tail:acme,tail:initech"),
        ]);
    })
    .await;
    let mut all = Watcher::start(host.addr, "", &bearer("all")).await;
    let mut acme = Watcher::start(host.addr, "", &bearer("acme")).await;
    let mut two = Watcher::start(host.addr, "", &bearer("two")).await;
    let mut asks = Watcher::start(host.addr, "?tenant=initech", &bearer("two")).await;
    for (id, tenant) in [("1", "other"), ("2", "initech"), ("3", "acme")] {
        let event = sealed(id, tenant, 10);
        shelf.said.send(TailItem::Spilled { event }).unwrap();
    }
    for (watcher, ids) in [
        (&mut all, ["1", "2", "3"].as_slice()),
        (&mut acme, &["3"]),
        (&mut two, &["2", "3"]),
        (&mut asks, &["2"]),
    ] {
        for id in ids {
            let Said::Spilled(data) = watcher.says().await else {
                panic!("only {ids:?}");
            };
            let event: Value = serde_json::from_str(&data).unwrap();
            assert_eq!(event["id"], *id);
        }
    }
    shelf.add("acme", 10);
    shelf.add("initech", 10);
    for mut watcher in [all, acme, two, asks] {
        let said = watcher.says().await;
        assert!(matches!(said, Said::Message { .. }), "{said:?}");
    }
}

#[tokio::test]
async fn that_it_cannot_begin_is_told_before_the_answer_begins() {
    let shelf = Shelf::with(1);
    let host = Host::start_keeping(&shelf, |config| {
        config.limits.answer_timeout = Duration::from_millis(100);
    })
    .await;
    let trouble = |trouble| *shelf.trouble.lock().unwrap() = Some((0, trouble));
    let mut client = host.client().await;
    trouble(Trouble::Breaks(HistoryTrouble::Unavailable(
        "no streams".to_owned(),
    )));
    let answer = client.ask(get("/v1/events/stream")).await;
    assert_eq!(answer.status, 503);
    assert!(answer.header("retry-after").is_some());
    assert!(answer.problem().to_string().contains("no streams"));
    trouble(Trouble::FallsSilent);
    let answer = client.ask(get("/v1/events/stream")).await;
    assert_eq!(answer.status, 503);
    assert!(answer.problem().to_string().contains("in time"));
    host.counts("following Began", 0).await;
}
