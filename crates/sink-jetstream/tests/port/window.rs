use std::sync::atomic::Ordering;
use std::time::Duration;

use events_core::{ErrorKind, EventSink as _, EventSinkExt as _};
use sink_jetstream::{Config, PendingAck};
use tokio::time::Instant;

use crate::scripted::{Reply, Scripted, ack, assert_refused, event, place, sealed};

fn narrow() -> Config {
    Config {
        window: 8,
        ..Config::default()
    }
}

/// However many deliver, no more than the window is unanswered, and order is kept.
#[tokio::test(start_paused = true)]
async fn all_deliveries_share_one_window() {
    let publisher = Scripted::new();
    publisher.answer(|_| Reply::Silence);
    let sink = publisher.sink_with(narrow());
    let events = sealed(&sink, 100);
    let deliveries: Vec<_> = events
        .chunks(25)
        .map(|batch| {
            let (sink, batch) = (sink.clone(), batch.to_vec());
            tokio::spawn(async move { sink.deliver(&batch).await })
        })
        .collect();
    let mut answered = 0;
    while answered < 100 {
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert!(publisher.count() - answered <= 8);
        assert_eq!(sink.status().in_flight, publisher.count() - answered);
        for sender in publisher.unanswered.lock().unwrap().drain(..) {
            answered += 1;
            sender.answer(Ok(ack("EVENTS", answered as u64)));
        }
    }
    for delivery in deliveries {
        for result in delivery.await.unwrap() {
            place(result);
        }
    }
    let published = publisher.published.lock().unwrap();
    let ids: Vec<_> = published
        .iter()
        .map(|message| message.header("Nats-Msg-Id").unwrap())
        .collect();
    // Batches are handed over one after another, in the order they came.
    let order: Vec<_> = events
        .iter()
        .map(|event| {
            ids.iter()
                .position(|id| *id == event.message_id().to_string())
        })
        .collect();
    assert!(order.is_sorted(), "{order:?}");
}

/// One patience is all that a stuck window costs a batch.
#[tokio::test(start_paused = true)]
async fn a_full_window_is_saturated_in_time() {
    let publisher = Scripted::new();
    publisher.answer(|_| Reply::Silence);
    let sink = publisher.sink_with(Config {
        ack_timeout: Duration::from_secs(60),
        window_timeout: Duration::from_secs(3),
        ..narrow()
    });
    let stuck = sealed(&sink, 8);
    let holder = {
        let sink = sink.clone();
        tokio::spawn(async move { sink.deliver(&stuck).await })
    };
    while publisher.count() < 8 {
        tokio::task::yield_now().await;
    }
    let start = Instant::now();
    for result in sink.deliver(&sealed(&sink, 100)).await {
        assert_refused(result, ErrorKind::Saturated, "8 publishes stay unanswered");
    }
    assert_eq!(start.elapsed().as_secs(), 3);
    assert_eq!(sink.debug_state().as_str(), "connected");
    holder.abort();
}

/// A broker that answers nothing at all, and a window that has room at the last moment.
#[tokio::test(start_paused = true)]
async fn an_answer_takes_no_longer_than_the_settings_say_it_may() {
    let publisher = Scripted::new();
    publisher.is_mute.store(true, Ordering::Relaxed);
    publisher.answer(|_| Reply::Silence);
    let config = Config {
        window: 1,
        window_timeout: Duration::from_secs(5),
        ack_timeout: Duration::from_millis(4900),
        lookup_timeout: Duration::from_secs(2),
        ..Config::default()
    };
    let longest = config.longest_answer();
    let sink = publisher.sink_with(config);
    let start = Instant::now();
    let sends = ["demo.first", "demo.second"].map(|kind| {
        let sink = sink.clone();
        tokio::spawn(async move { sink.send(event(kind, "1")).await })
    });
    for send in sends {
        assert_refused(send.await.unwrap(), ErrorKind::Unavailable, "");
    }
    assert_eq!(publisher.count(), 2);
    // A question, a turn, an acknowledgement and another question, all of them in vain.
    let took = start.elapsed().as_secs_f32();
    assert!((13.8..=longest.as_secs_f32()).contains(&took), "{took}");
}

/// One event that is not answered holds back no other, as long as the window has room.
#[tokio::test(start_paused = true)]
async fn a_silent_event_in_front_keeps_no_place_but_its_own() {
    let publisher = Scripted::new();
    publisher.answer(|message| match message.header("Nats-Expected-Stream") {
        Some(_)
            if message
                .payload
                .windows(8)
                .any(|text| text == br#""id":"0""#) =>
        {
            Reply::Silence
        }
        _ => Reply::Ack(ack("EVENTS", 1)),
    });
    let sink = publisher.sink_with(narrow());
    let start = Instant::now();
    let delivery = {
        let (sink, events) = (sink.clone(), sealed(&sink, 100));
        tokio::spawn(async move { sink.deliver(&events).await })
    };
    while publisher.count() < 100 {
        tokio::task::yield_now().await;
    }
    assert!(start.elapsed() < Duration::from_millis(10));
    let mut results = delivery.await.unwrap().into_iter();
    assert_refused(
        results.next().unwrap(),
        ErrorKind::Unavailable,
        "did not answer in time",
    );
    for result in results {
        place(result);
    }
}

#[tokio::test]
async fn a_publisher_that_goes_away_answers_that_the_connection_was_lost() {
    let (sender, mut pending) = PendingAck::channel();
    sender.answer(Ok(ack("EVENTS", 1)));
    sender.answer(Ok(ack("EVENTS", 2)));
    drop(sender);
    assert_eq!(pending.next().await.unwrap().sequence, 1);
    assert_eq!(pending.next().await.unwrap().sequence, 2);
    let end = pending.next().await.unwrap_err();
    assert_eq!(end, sink_jetstream::PublishError::Disconnected);
}
