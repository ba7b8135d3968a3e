use events_core::ErrorKind;
use sink_dlq::{Area, Config, Page, Query, RecordId, Selection};

use crate::bench::{Answer, Bench, Destination, id, kind, manual, until};

/// Five records: two of each of two types waiting, one dead.
async fn five() -> Bench {
    let to = Destination::new(Answer::Fail(ErrorKind::Unavailable));
    to.answers(|event| match id(event).as_str() {
        "dead" => Answer::Fail(ErrorKind::Rejected),
        _ => Answer::Fail(ErrorKind::Unavailable),
    });
    let bench = Bench::new(to, manual());
    bench.send("test.a", &["a1"]).await;
    bench.send("test.b", &["b1", "b2", "dead"]).await;
    bench.send("test.a", &["a2"]).await;
    assert_eq!(bench.areas(), [4, 0, 1]);
    bench
}

async fn list(bench: &Bench, query: Query) -> Page {
    bench.dlq.list(&query).await.unwrap()
}

fn names(page: &Page) -> Vec<String> {
    page.records
        .iter()
        .map(|record| id(&record.event))
        .collect()
}

async fn ids(bench: &Bench, wanted: &[&str]) -> Vec<RecordId> {
    let page = list(bench, Query::default()).await;
    let is_wanted = |name: &str| wanted.contains(&name);
    let records = page.records.iter();
    let records = records.filter(|record| is_wanted(&id(&record.event)));
    records.map(|record| record.id).collect()
}

#[tokio::test]
async fn records_are_listed_oldest_first_by_what_is_asked() {
    let bench = five().await;
    // Those of one delivery are spilled area by area.
    let mut all = names(&list(&bench, Query::default()).await);
    assert_eq!(all.first().unwrap(), "a1");
    assert_eq!(all.last().unwrap(), "a2");
    all.sort();
    assert_eq!(all, ["a1", "a2", "b1", "b2", "dead"]);
    let of = |query: Query| async { names(&list(&bench, query).await) };
    let query = Query {
        areas: vec![Area::Dead],
        ..Query::default()
    };
    assert_eq!(of(query).await, ["dead"]);
    let query = Query {
        subject: Some("consign.events.*.test.a".parse().unwrap()),
        ..Query::default()
    };
    assert_eq!(of(query).await, ["a1", "a2"]);
    let query = Query {
        event_type: Some("test.b".to_owned()),
        areas: vec![Area::Waiting],
        ..Query::default()
    };
    assert_eq!(of(query).await, ["b1", "b2"]);
    let query = Query {
        kind: Some(ErrorKind::Rejected),
        ..Query::default()
    };
    assert_eq!(of(query).await, ["dead"]);
    let query = Query {
        tenant: Some("acme".parse().unwrap()),
        ..Query::default()
    };
    assert!(of(query).await.is_empty());
}

#[tokio::test]
async fn pages_follow_one_another() {
    let bench = five().await;
    let whole = names(&list(&bench, Query::default()).await);
    let mut query = Query {
        limit: 2,
        ..Query::default()
    };
    let mut paged = Vec::new();
    for _ in 0..9 {
        let page = list(&bench, query.clone()).await;
        assert!(page.records.len() <= 2);
        paged.extend(names(&page));
        query.after = page.next;
        if page.next.is_none() {
            break;
        }
    }
    assert_eq!(paged, whole);
}

#[tokio::test]
async fn one_record_is_shown_and_another_is_not_there() {
    let bench = five().await;
    let dead = ids(&bench, &["dead"]).await[0];
    let record = bench.dlq.show(dead).await.unwrap().unwrap();
    assert_eq!((record.id, record.area), (dead, Area::Dead));
    let absent = "99".parse().unwrap();
    assert!(bench.dlq.show(absent).await.unwrap().is_none());
}

#[tokio::test]
async fn by_hand_every_area_is_redriven() {
    let bench = five().await;
    bench.to.comes_back();
    let report = bench.dlq.redrive(Selection::All).await.unwrap();
    assert_eq!((report.stored, report.duplicates, report.left), (5, 0, 0));
    assert!(report.failed.is_empty(), "{report:?}");
    assert_eq!(bench.areas(), [0, 0, 0]);
    assert_eq!(bench.dlq.counters().redriven, 5);
}

#[tokio::test]
async fn dead_records_that_fail_stay_dead_and_count_it() {
    let bench = five().await;
    let dead = ids(&bench, &["dead"]).await;
    for attempts in 2..4 {
        let selection = Selection::Ids(dead.clone());
        let report = bench.dlq.redrive(selection).await.unwrap();
        assert_eq!((report.stored, report.left), (0, 1));
        assert_eq!(report.failed[0].kind, ErrorKind::Rejected);
        assert_eq!(report.failed[0].reason, "store the event");
        let record = bench.dlq.show(dead[0]).await.unwrap().unwrap();
        assert_eq!((record.area, record.cause.attempts), (Area::Dead, attempts));
    }
}

#[tokio::test]
async fn a_destination_that_is_away_is_asked_once() {
    let bench = Bench::new(
        Destination::away(),
        Config {
            redrive_batch: 2,
            ..manual()
        },
    );
    bench.send("test.a", &["1", "2", "3", "4", "5", "6"]).await;
    let calls = bench.to.calls().len();
    let report = bench.dlq.redrive(Selection::All).await.unwrap();
    assert_eq!((report.stored, report.left), (0, 6));
    assert_eq!(bench.to.calls().len() - calls, 1);
}

#[tokio::test]
async fn by_hand_too_order_holds() {
    let bench = five().await;
    bench.to.comes_back();
    let late = Selection::Ids(ids(&bench, &["a2", "b1"]).await);
    let report = bench.dlq.redrive(late).await.unwrap();
    assert_eq!((report.stored, report.left), (1, 1));
    assert!(report.failed[0].reason.contains("earlier"), "{report:?}");
    assert_eq!(bench.to.ids(), ["b1"]);
    let query = Query {
        event_type: Some("test.a".to_owned()),
        ..Query::default()
    };
    let report = bench.dlq.redrive(Selection::Query(query)).await.unwrap();
    assert_eq!((report.stored, report.left), (2, 0));
    assert_eq!(bench.to.ids(), ["b1", "a1", "a2"]);
}

#[tokio::test]
async fn ids_that_were_never_given_are_told_from_those_that_are_gone() {
    let bench = five().await;
    let dropped = ids(&bench, &["a1"]).await;
    bench.dlq.drop(&dropped).await.unwrap();
    let never: RecordId = "77".parse().unwrap();
    let asked = [dropped[0], never, "0".parse().unwrap()];
    let selection = Selection::Ids(asked.to_vec());
    let report = bench.dlq.redrive(selection).await.unwrap();
    assert_eq!((report.stored, report.left), (0, 0));
    assert_eq!((report.gone, report.failed.len()), (1, 0));
    assert_eq!(report.unknown, asked[1..]);
}

#[tokio::test]
async fn dropped_records_are_gone_and_never_delivered() {
    let bench = five().await;
    let gone = ids(&bench, &["a1", "dead"]).await;
    assert_eq!(bench.dlq.drop(&gone).await.unwrap(), 2);
    assert_eq!(bench.dlq.drop(&gone).await.unwrap(), 0);
    assert_eq!(bench.dlq.counters().dropped, 2);
    bench.to.comes_back();
    bench.dlq.redrive(Selection::All).await.unwrap();
    assert_eq!(bench.to.ids(), ["b1", "b2", "a2"]);
}

#[tokio::test]
async fn operators_and_the_background_do_not_get_in_each_others_way() {
    let config = Config {
        redrive_batch: 3,
        ..Config::default()
    };
    let bench = Bench::started(Destination::away(), config);
    let mut names = Vec::new();
    for n in 0..60 {
        let name = n.to_string();
        bench.send(&format!("test.s{}", n % 3), &[&name]).await;
        names.push(name);
    }
    let doomed = ids(&bench, &["57", "58", "59"]).await;
    bench.to.comes_back();
    let (first, second, dropped) = tokio::join!(
        bench.dlq.redrive(Selection::All),
        bench.dlq.redrive(Selection::All),
        bench.dlq.drop(&doomed),
    );
    let (first, second) = (first.unwrap(), second.unwrap());
    until("it is drained", || bench.areas() == [0, 0, 0]).await;
    assert_eq!(first.duplicates + second.duplicates, 0);
    for report in [&first, &second] {
        assert_eq!((report.left, &report.failed[..]), (0, &[][..]));
    }
    let counters = bench.dlq.counters();
    assert_eq!(counters.duplicates, 0);
    let dropped = dropped.unwrap();
    assert_eq!(bench.to.ids().len() + dropped, 60);
    for subject in 0..3 {
        let kind_of = format!("test.s{subject}");
        let stored = bench.to.stored();
        let stored = stored.iter().filter(|event| kind(event) == kind_of);
        let numbers: Vec<u32> = stored.map(|event| id(event).parse().unwrap()).collect();
        assert!(numbers.is_sorted(), "{numbers:?}");
    }
}
