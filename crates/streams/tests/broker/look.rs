//! Looking at what there is, in lists that need several pages, and purging it.

use async_nats::jetstream::stream::{Config, StorageType};
use events_core::subject::SubjectPattern;
use streams::{Part, Purge, StreamName, look};

use crate::fixture::start;

#[tokio::test]
async fn more_subjects_and_streams_than_a_page_has_are_all_told() {
    let Some((_server, js)) = start().await else {
        return;
    };
    let config = |name: String, subject: String| Config {
        name,
        subjects: vec![subject],
        storage: StorageType::Memory,
        ..Config::default()
    };
    js.create_stream(config("WIDE".into(), "wide.>".into()))
        .await
        .unwrap();
    let many = 100_007_u64;
    for number in 0..many {
        let subject = format!("wide.{}.{number}", number % 2);
        js.client().publish(subject, "".into()).await.unwrap();
    }
    // The last is acknowledged, and those before it are stored before it.
    let ack = js.publish("wide.0.0", "".into()).await.unwrap();
    assert_eq!(ack.await.unwrap().sequence, many + 1);

    let wide: StreamName = "WIDE".parse().unwrap();
    let all = look::subjects(&js, &wide, None).await.unwrap();
    assert_eq!((all.len() as u64, all.values().sum()), (many, many + 1));
    assert_eq!(all["wide.0.0"], 2);
    let odd: SubjectPattern = "wide.1.*".parse().unwrap();
    let odd = look::subjects(&js, &wide, Some(&odd)).await.unwrap();
    assert_eq!(odd.len() as u64, many / 2);

    for number in 0..300 {
        let config = config(format!("S{number}"), format!("s{number}"));
        js.create_stream(config).await.unwrap();
    }
    let streams = look::streams(&js).await.unwrap();
    assert_eq!((streams.items.len(), streams.silent.len()), (301, 0));
}

#[tokio::test]
async fn what_comes_after_the_look_outlives_the_purge() {
    let Some((_server, js)) = start().await else {
        return;
    };
    let config = Config {
        name: "EVENTS".to_owned(),
        subjects: vec!["e.>".to_owned()],
        ..Config::default()
    };
    js.create_stream(config).await.unwrap();
    let store = async |subject: &str| {
        let ack = js.publish(subject.to_owned(), "".into()).await.unwrap();
        ack.await.unwrap();
    };
    let name: StreamName = "EVENTS".parse().unwrap();
    for subject in [None, Some("e.a")] {
        store("e.a").await;
        store("e.a").await;
        let purge = Purge {
            subject: subject.map(|subject| subject.parse().unwrap()),
            part: Part::All,
        };
        let stream = look::stream(&js, &name).await.unwrap().unwrap();
        let doomed = purge.foresee(&js, &stream).await.unwrap();
        assert!(doomed.messages >= 2 && doomed.oldest <= doomed.newest);
        store("e.a").await;
        let purged = purge.purge(&js, &name, &doomed).await.unwrap();
        assert_eq!(purged, doomed.messages);
        let left = look::stream(&js, &name).await.unwrap().unwrap();
        assert_eq!(left.contents.messages, 1, "{subject:?}");
    }
}
